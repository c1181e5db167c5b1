// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each call of the socket interface does on upgraded sockets what it does on plain ones, but for
 * what docs/socket-semantics.md says; the same cases run over plain TCP first.
 *
 * <pre>
 *   e2e/guest/sockets/sockets --- both ends, lo --- e2e/guest/sockets/sockets
 *                             \---- a relay ----/
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class SocketSemanticsIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(600);

  /** What user-mode Linux is built without. */
  private static final List<String> NOT_IN_DEBUG =
      List.of("listen.kernel_sockets_are_left_alone", "listen.sctp_is_left_alone");

  @ParameterizedTest(name = "{0}: at least {1} runs")
  @CsvSource({"plain, 220", "kernel, 420", "own, 420"})
  void eachCallDoesWhatItDoesOnTcp(String layer, int runs) {
    assertPasses(LAB.vm().run(LIMIT, "/opt/hauberk/e2e/sockets/run " + layer), runs);
  }

  @Test
  void rulesComeAndGoUnderLivingSockets() {
    assertPasses(LAB.vm().run(LIMIT, "/opt/hauberk/e2e/sockets/rules"), 6);
  }

  private static void assertPasses(Output output, int runs) {
    Tap tap = Tap.of(output);
    assertThat(tap.passed()).isGreaterThanOrEqualTo(runs);
    assertThat(tap.skipped())
        .as("skipped cases")
        .allMatch(line -> LAB.isDebug() && NOT_IN_DEBUG.stream().anyMatch(line::contains));
  }
}
