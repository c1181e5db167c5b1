// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever fails, no plaintext is on the wire: each place of the data path is let fail in turn, on
 * both ends and over both record layers, with a capture that looks for what was written.
 *
 * <pre>
 *   e2e/guest/inject.py ---- upgraded, lo ---- e2e/guest/inject.py
 *                              |
 *                          AF_PACKET
 * </pre>
 */
@Tag("debug")
final class FailClosedIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(900);
  private static final int CASES = 58;

  @Test
  void neitherPlaintextNorSilenceWhateverFails() {
    LAB.vm().run("rmmod hauberk && /opt/hauberk/e2e/load-modules inject").ok();
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 inject.py");
    assertThat(Tap.of(output).passed()).isEqualTo(CASES);
  }
}
