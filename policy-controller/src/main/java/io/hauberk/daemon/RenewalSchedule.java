// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.pki.Leaf;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When a certificate is renewed: at two thirds of its life, a little earlier or later by chance, so
 * that identities made together are not renewed together for ever.
 */
final class RenewalSchedule {
  private static final double SHARE = 2.0 / 3.0;

  /** At most so much of the life in either direction. */
  private static final double JITTER = 0.05;

  private final RandomGenerator random;

  RenewalSchedule(RandomGenerator random) {
    this.random = random;
  }

  Instant due(Leaf leaf) {
    Duration life = leaf.lifetime();
    double share = SHARE + random.nextDouble(-JITTER, JITTER);
    return leaf.issuedAt().plusMillis(Math.round(life.toMillis() * share));
  }
}
