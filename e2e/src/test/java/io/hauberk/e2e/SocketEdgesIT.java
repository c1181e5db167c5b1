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
 * What an application may try with an upgraded socket: nothing lays it bare, hangs, or hurts the
 * kernel.
 *
 * <pre>
 *   e2e/guest/socket_edges.py ---- both ends, lo ---- e2e/guest/socket_edges.py
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class SocketEdgesIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(240);
  private static final int CASES = 12;

  @Test
  void eachCaseEndsAsItShould() {
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 socket_edges.py");
    assertThat(Tap.of(output).passed()).isEqualTo(CASES);
  }
}
