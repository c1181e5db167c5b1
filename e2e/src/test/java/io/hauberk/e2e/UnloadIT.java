// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The modules come and go under traffic.
 *
 * <pre>
 *   one process:   client | -- mutual TLS -- | server      while it is open, rmmod is refused
 *                  a thread in accept()                    sleeps through every unloading, and works afterwards
 *   another one:   plain connections without a pause       never meet an error
 *
 *   processes asleep in accept() when the modules come:    what wakes them is upgraded, or denied, as the rules say
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class UnloadIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int CYCLES = Integer.getInteger("hauberk.cycles");
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final int SLEEPERS_CASES = 10;
  private static final String RULES =
      """
      handshake: {timeout: 60s}
      identities:
        - {name: server, spiffeId: spiffe://example.org/server}
        - {name: client, spiffeId: spiffe://example.org/client}
      rules:
        - name: in
          match: {direction: inbound, ports: [7500]}
          identity: server
        - name: out
          match: {direction: outbound, ports: [7500]}
          identity: client
      """;

  @Test
  void againAndAgain() {
    new RuleSets(LAB.vm(), new Pki("Hauberk e2e")).push(RULES);
    Background cycles =
        LAB.vm()
            .start(
                "unload", "python3 /opt/hauberk/e2e/unload.py %d /run/push.json".formatted(CYCLES));
    cycles.awaitOk(LIMIT);
    assertThat(cycles.log().lines()).hasSize(CYCLES + 1).last().isEqualTo("done");
    LAB.assertCleanLog();
  }

  @Test
  void nobodySleepsThroughTheLoading() {
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 sleepers.py");
    assertThat(Tap.of(output).passed()).isEqualTo(SLEEPERS_CASES);
    LAB.assertCleanLog();
  }
}
