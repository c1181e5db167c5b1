// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.pki.CertificateAuthority;
import io.hauberk.pki.Leaf;
import io.hauberk.pki.LeafRequest;
import io.hauberk.pki.Profile;
import io.hauberk.rules.KeyType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RenewalScheduleTest {
  private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration LIFE = Duration.ofHours(100);

  private final Leaf leaf = leaf();

  @Test
  void withoutJitterItIsTwoThirdsOfTheLife() {
    assertThat(due(0.5)).isEqualTo(ISSUED.plus(Duration.ofMinutes(4000)));
  }

  @Test
  void theJitterIsFivePerCentOfTheLifeAtMost() {
    assertThat(due(0.0)).isEqualTo(ISSUED.plus(Duration.ofMinutes(3700)));
    assertThat(due(Math.nextDown(1.0)))
        .isAfter(ISSUED.plus(Duration.ofMinutes(4299)))
        .isBeforeOrEqualTo(ISSUED.plus(Duration.ofMinutes(4300)));
  }

  @Test
  void certificatesMadeTogetherAreNotRenewedTogether() {
    RenewalSchedule schedule = new RenewalSchedule(new Random(7));

    List<Instant> dues = Stream.generate(() -> schedule.due(leaf)).limit(100).toList();

    assertThat(dues).doesNotHaveDuplicates();
    assertThat(dues)
        .allMatch(due -> !due.isBefore(ISSUED.plus(Duration.ofMinutes(3700))))
        .allMatch(due -> !due.isAfter(ISSUED.plus(Duration.ofMinutes(4300))));
  }

  /** When a leaf is due if chance answers with this number from 0 to 1. */
  private Instant due(double chance) {
    RandomGenerator random =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            throw new UnsupportedOperationException("only fractions are asked for");
          }

          @Override
          public double nextDouble(double origin, double bound) {
            return origin + (bound - origin) * chance;
          }
        };
    return new RenewalSchedule(random).due(leaf);
  }

  private static Leaf leaf() {
    Clock clock = Clock.fixed(ISSUED, ZoneOffset.UTC);
    return CertificateAuthority.create("example.org", Profile.DEFAULT, clock)
        .issue(new LeafRequest("web", "spiffe://example.org/web", List.of(), KeyType.EC_P256, LIFE))
        .leaf();
  }
}
