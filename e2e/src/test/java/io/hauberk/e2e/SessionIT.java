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
 * Who may resume a session and who may not, how fast one source may come, and what a socket tells.
 *
 * <pre>
 *   e2e/guest/sessions.py ---- upgraded, or OpenSSL, lo ---- e2e/guest/sessions.py
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class SessionIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(400);
  private static final int CASES = 23;

  @Test
  void eachCaseEndsAsItShould() {
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 sessions.py");
    assertThat(Tap.of(output).passed()).isEqualTo(CASES);
  }
}
