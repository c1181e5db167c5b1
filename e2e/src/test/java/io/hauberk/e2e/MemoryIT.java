// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Memory;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Connections leave the memory where it was: the property hauberk.connections says how many (300;
 * {@code make e2e TESTS=MemoryIT CONNECTIONS=10000} is the long run).
 *
 * <pre>
 *   client | -- mutual TLS -- | server      opened, used, closed in several ways; each tenth is refused
 *
 *   slab counters, MemAvailable:  warm-up   first look   the connections   second look
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class MemoryIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int CONNECTIONS = Integer.getInteger("hauberk.connections");
  private static final int WARM_UP = 60;
  private static final Duration LIMIT = Duration.ofSeconds(60).plusSeconds(CONNECTIONS * 2L);

  /**
   * Less than a quarter of a connection's smallest trace each: one leaked object each is too many.
   */
  private static final int SLAB_TOLERANCE = CONNECTIONS / 4;

  private static final long AVAILABLE_TOLERANCE_KB = 16 * 1024;
  private static final String RULES =
      """
      handshake: {timeout: 60s}
      identities:
        - {name: server, spiffeId: spiffe://example.org/server}
        - {name: client, spiffeId: spiffe://example.org/client}
      rules:
        - name: in
          match: {direction: inbound, ports: [7600, 7601]}
          identity: server
          peers: {allow: [spiffe://example.org/client]}
        - name: out
          match: {direction: outbound, ports: [7600]}
          identity: client
        - name: out-refused
          match: {direction: outbound, ports: [7601]}
          identity: client
          peers: {allow: [spiffe://example.org/nobody]}
      """;

  @BeforeAll
  static void prepare() {
    // Sockets in TIME_WAIT would be in the way for a minute.
    LAB.vm().run("echo 0 > /proc/sys/net/ipv4/tcp_max_tw_buckets").ok();
    new RuleSets(LAB.vm(), new Pki("Hauberk e2e")).push(RULES);
  }

  private static void churn(int count) {
    LAB.vm().run(LIMIT, "python3 /opt/hauberk/e2e/churn.py %d 7600 7601".formatted(count)).ok();
  }

  @Test
  void connectionsLeaveNothing() {
    churn(WARM_UP);
    Memory before = Memory.look(LAB.vm());
    churn(CONNECTIONS);
    Memory after = Memory.look(LAB.vm());
    assertThat(before.objects()).containsKeys("hbk_conn", "TCP");
    assertThat(after.objects().get("hbk_conn")).as("connections in the slab").isZero();
    before
        .objects()
        .forEach(
            (cache, objects) ->
                assertThat(after.objects().get(cache) - objects)
                    .as(
                        "more objects in the slab cache %s after %d connections",
                        cache, CONNECTIONS)
                    .isLessThan(Math.max(SLAB_TOLERANCE, 64)));
    assertThat(before.availableKb() - after.availableKb())
        .as("KiB that are no longer available")
        .isLessThan(AVAILABLE_TOLERANCE_KB);
  }
}
