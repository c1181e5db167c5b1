// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Capture;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import io.hauberk.e2e.lab.Vm;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Applications that know nothing of TLS, on both sides.
 *
 * <pre>
 *              outbound rule                         inbound rule
 *   curl ----- plaintext | mutual TLS ---- lo ---- mutual TLS | plaintext ----- http.server, nginx
 *                                          |
 *                                       tcpdump: TLS records, and not one byte of the page
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class PlainCurlIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final String PAGE = "the-page-that-nobody-may-see";
  private static final int PLAIN_PORT = 7999;
  private static final String RULES =
      """
      handshake: {timeout: 60s}
      identities:
        - {name: web-ec, spiffeId: spiffe://example.org/web, dnsNames: [localhost]}
        - {name: web-rsa, spiffeId: spiffe://example.org/web, key: rsa-2048}
        - {name: client-ec, spiffeId: spiffe://example.org/client}
        - {name: client-rsa, spiffeId: spiffe://example.org/client, key: rsa-2048}
      rules:
        - name: in-ec
          match: {direction: inbound, ports: [8000, 8080]}
          identity: web-ec
          peers: {allow: [spiffe://example.org/client]}
        - name: in-rsa
          match: {direction: inbound, ports: [8001, 8081]}
          identity: web-rsa
          peers: {allow: [spiffe://example.org/client]}
        - name: out-ec
          match: {direction: outbound, ports: [8000, 8080]}
          identity: client-ec
          peers: {allow: [spiffe://example.org/web]}
        - name: out-rsa
          match: {direction: outbound, ports: [8001, 8081]}
          identity: client-rsa
          peers: {allow: [spiffe://example.org/web]}
      """;

  private static final String NGINX =
      """
      worker_processes 1;
      error_log /tmp/nginx-error.log;
      pid /run/nginx.pid;
      events {}
      http {
        access_log off;
        sendfile on;
        server {
          listen 8080; listen [::]:8080; listen 8081; listen [::]:8081;
          root /srv/page;
        }
      }
      """;

  @BeforeAll
  static void serve() {
    new RuleSets(LAB.vm(), new Pki("Hauberk e2e")).push(RULES);
    LAB.vm().put("/srv/page/index.html", PAGE + "\n");
    LAB.vm().run("head -c 3000000 /dev/urandom > /srv/page/large").ok();
    for (int port : List.of(PLAIN_PORT, 8000, 8001)) {
      LAB.vm()
          .start(
              "http-" + port, "python3 -u -m http.server --bind :: --directory /srv/page " + port)
          .awaitLine("Serving HTTP");
    }
    LAB.vm().put("/run/nginx.conf", NGINX);
    LAB.vm().run("mkdir -p /var/lib/nginx /var/log/nginx").ok();
    LAB.vm().start("nginx", "nginx -c /run/nginx.conf").awaitOk(Vm.PATIENCE);
  }

  @ParameterizedTest(name = "{0} at {1}:{2} with a leaf of {3}")
  @CsvSource({
    "http.server, 127.0.0.1, 8000, ec",
    "http.server, [::1],     8000, ec",
    "http.server, 127.0.0.1, 8001, rsa",
    "http.server, [::1],     8001, rsa",
    "nginx,       127.0.0.1, 8080, ec",
    "nginx,       [::1],     8080, ec",
    "nginx,       127.0.0.1, 8081, rsa",
    "nginx,       [::1],     8081, rsa",
  })
  void curlIsAnsweredAndTheWireShowsTls(String server, String host, int port, String leaf) {
    LAB.events().skip();
    Capture capture = Capture.begin(LAB.vm(), "tcp port " + port);
    String page =
        LAB.vm().run("curl -sS --max-time 60 'http://%s:%d/'".formatted(host, port)).ok().out();
    Event client = LAB.events().await("EVENT_CLOSED", "out-" + leaf);
    Event service = LAB.events().await("EVENT_CLOSED", "in-" + leaf);
    assertThat(page).isEqualTo(PAGE + "\n");
    Capture.assertTlsOnly(capture.end(), PAGE);

    assertThat(client.text("PEER_ID")).isEqualTo("spiffe://example.org/web");
    assertThat(client.text("COMM")).isEqualTo("curl");
    assertThat(client.reason()).isIn("clean", "peer-closed");
    assertThat(service.text("PEER_ID")).isEqualTo("spiffe://example.org/client");
    assertThat(service.reason()).isIn("clean", "peer-closed");
    assertThat(service.number("KTLS")).isEqualTo(1);
    assertThat(service.number("RX_BYTES")).isEqualTo(client.number("TX_BYTES"));
    assertThat(service.number("TX_BYTES")).isEqualTo(client.number("RX_BYTES"));
    assertThat(client.number("RX_BYTES")).isGreaterThan(PAGE.length());
  }

  @ParameterizedTest(name = "by {0}")
  @CsvSource({"http.server, 8000", "nginx with sendfile, 8080"})
  void aLargeFileArrivesWhole(String server, int port) {
    LAB.vm()
        .run(
            "curl -sS --max-time 100 http://127.0.0.1:%d/large | cmp - /srv/page/large"
                .formatted(port))
        .ok();
  }

  @Test
  void whatNoRuleMatchesStaysPlain() {
    LAB.events().skip();
    Capture capture = Capture.begin(LAB.vm(), "tcp port " + PLAIN_PORT);
    LAB.vm().run("curl -sS --max-time 60 http://127.0.0.1:" + PLAIN_PORT + "/").ok();
    assertThat(Capture.anyContains(capture.end(), PAGE)).isTrue();
    assertThat(LAB.events().seen())
        .noneMatch(
            event ->
                event.number("LOCAL_PORT") == PLAIN_PORT
                    || event.number("REMOTE_PORT") == PLAIN_PORT);
  }
}
