// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nobody waits for a handshake: neither an event loop nor a server with clients that say nothing.
 *
 * <pre>
 *   asyncio client, 200 connections at once | ---- lo ---- | epoll server, one thread
 *   1,000 clients that never send a byte  -------- lo ---- | the same server, and then a 1,001st
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class AsyncIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int AT_ONCE = 200;
  private static final int SILENT = 1000;
  private static final Duration LIMIT = Duration.ofSeconds(240);
  private static final String RULES =
      """
      handshake: {timeout: 300s}
      identities:
        - {name: server, spiffeId: spiffe://example.org/server}
        - {name: client, spiffeId: spiffe://example.org/client}
      rules:
        - name: in
          match: {direction: inbound, ports: [7000-7002]}
          identity: server
          peers: {allow: [spiffe://example.org/client]}
        - name: out
          match: {direction: outbound, ports: [7000, 7001]}
          identity: client
          peers: {allow: [spiffe://example.org/server]}
        - name: out-some
          match: {direction: outbound, ports: [7002], uid: [1000]}
          identity: client
          peers: {allow: [spiffe://example.org/server]}
      """;

  @BeforeAll
  static void prepare() {
    new RuleSets(LAB.vm(), new Pki("Hauberk e2e")).push(RULES);
    serve(7000, "");
    serve(7001, "welcome");
    serve(7002, "");
  }

  private static void serve(int port, String greeting) {
    LAB.vm()
        .start("echo-" + port, "/opt/hauberk/e2e/echo_server.py %d %s".formatted(port, greeting))
        .awaitLine("serving");
  }

  private static void talk(int port, int count, String greeting) {
    Output client =
        LAB.vm()
            .run(
                LIMIT,
                "/opt/hauberk/e2e/async_client.py %d %d %s".formatted(port, count, greeting));
    assertThat(client.all()).isEqualTo("all %d well\n".formatted(count));
  }

  @Test
  void twoHundredConnectionsShareOneThreadAtEachEnd() {
    LAB.events().skip();
    talk(7000, AT_ONCE, "");
    for (int i = 0; i < AT_ONCE; i++) {
      assertClean(LAB.events().await("EVENT_CLOSED", "in"));
      assertClean(LAB.events().await("EVENT_CLOSED", "out"));
    }
  }

  private static void assertClean(Event event) {
    assertThat(event.reason()).isIn("clean", "peer-closed");
    assertThat(event.number("RX_BYTES")).isEqualTo(event.number("TX_BYTES"));
  }

  @Test
  void aServerMaySpeakFirst() {
    talk(7001, 20, "welcome");
  }

  @Test
  void silentClientsStopNobody() {
    Background silent = LAB.vm().start("silent", "/opt/hauberk/e2e/silent.py 7002 " + SILENT);
    silent.awaitLine("^open " + SILENT);
    LAB.events().skip();
    Output client =
        LAB.vm()
            .run(
                LIMIT,
                "timeout 200 setpriv --reuid 1000 --clear-groups"
                    + " /opt/hauberk/e2e/async_client.py 7002 1")
            .ok();
    assertThat(client.out()).isEqualTo("all 1 well\n");
    // A silent client has sent nothing that a handshake would need memory for.
    assertThat(LAB.vm().run("/opt/hauberk/e2e/hbk_tool.py status").ok().out())
        .contains("\"HANDSHAKES_INBOUND\": 0");
    silent.kill();
  }
}
