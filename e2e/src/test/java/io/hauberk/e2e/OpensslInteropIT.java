// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import io.hauberk.e2e.lab.Vm;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each suite with another implementation at the other end, in both roles.
 *
 * <pre>
 *   openssl s_client -cert ... ------ mutual TLS ------ | plaintext server
 *   plaintext client | -------------- mutual TLS ------ openssl s_server -Verify
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class OpensslInteropIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int SERVER_EC = 9001;
  private static final int SERVER_RSA = 9002;
  private static final int CLIENT_EC = 9101;
  private static final int CLIENT_RSA = 9102;
  private static final String RULES =
      """
      handshake: {timeout: 60s}
      identities:
        - {name: ec, spiffeId: spiffe://example.org/kernel}
        - {name: rsa, spiffeId: spiffe://example.org/kernel, key: rsa-2048}
      rules:
        - name: in-ec
          match: {direction: inbound, ports: [9001]}
          identity: ec
          peers: {allow: [spiffe://example.org/openssl]}
        - name: in-rsa
          match: {direction: inbound, ports: [9002]}
          identity: rsa
          peers: {allow: [spiffe://example.org/openssl]}
        - name: out-ec
          match: {direction: outbound, ports: [9101]}
          identity: ec
          peers: {allow: [spiffe://example.org/openssl]}
        - name: out-rsa
          match: {direction: outbound, ports: [9102]}
          identity: rsa
          peers: {allow: [spiffe://example.org/openssl]}
      """;

  /**
   * A suite, and who says it with which leaf.
   *
   * @param openssl its name there
   * @param number IANA's
   * @param rsa whether the server's leaf is RSA, as the suite wants it
   * @param clientRsa whether the client's is
   */
  record Case(String openssl, int number, boolean rsa, boolean clientRsa, String host) {
    @Override
    public String toString() {
      return "%s, client leaf %s, %s".formatted(openssl, clientRsa ? "RSA" : "EC", host);
    }

    String brackets() {
      return host.contains(":") ? "[" + host + "]" : host;
    }
  }

  /**
   * Both families and both kinds of client leaf with every suite; the server's leaf is the suite's.
   */
  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    List<String> ciphers = List.of("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305");
    int[][] numbers = {{0xc02b, 0xc02f}, {0xc02c, 0xc030}, {0xcca9, 0xcca8}};
    for (int cipher = 0; cipher < ciphers.size(); cipher++) {
      for (boolean rsa : new boolean[] {false, true}) {
        String name = "ECDHE-%s-%s".formatted(rsa ? "RSA" : "ECDSA", ciphers.get(cipher));
        int number = numbers[cipher][rsa ? 1 : 0];
        cases.add(new Case(name, number, rsa, false, "127.0.0.1"));
        cases.add(new Case(name, number, rsa, true, "::1"));
      }
    }
    return cases.stream();
  }

  @BeforeAll
  static void prepare() {
    Vm vm = LAB.vm();
    Pki pki = new Pki("Hauberk e2e");
    new RuleSets(vm, pki).push(RULES);
    pki.authority().install(vm, "ca");
    pki.leaf().uri("spiffe://example.org/openssl").issue().install(vm, "ec");
    pki.leaf().uri("spiffe://example.org/openssl").key("rsa-2048").issue().install(vm, "rsa");
    vm.start("recorder", "/opt/hauberk/e2e/recorder.py %d %d".formatted(SERVER_EC, SERVER_RSA))
        .awaitLine("recording");
  }

  private static String tls(Case suite, boolean rsaLeaf) {
    return "-tls1_2 -cipher %s -cert /run/pki/%2$s.crt -key /run/pki/%2$s.key -CAfile /run/pki/ca.crt"
            .formatted(suite.openssl(), rsaLeaf ? "rsa" : "ec")
        + " -verify_return_error";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void opensslClientMeetsAPlaintextServer(Case suite) {
    LAB.events().skip();
    String client =
        "openssl s_client -connect %s:%d -quiet -verify 1 %s"
            .formatted(
                suite.brackets(),
                suite.rsa() ? SERVER_RSA : SERVER_EC,
                tls(suite, suite.clientRsa()));
    String line =
        LAB.vm()
            .run(
                "coproc C { exec %s; }; echo hello >&${C[1]}; IFS= read -r -t 90 line <&${C[0]};"
                        .formatted(client)
                    + " kill $C_PID; echo \"$line\"")
            .ok()
            .out();
    assertThat(line).isEqualTo("got hello\n");
    assertOpened(suite, LAB.events().await("EVENT_OPENED", suite.rsa() ? "in-rsa" : "in-ec"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aPlaintextClientMeetsAnOpensslServer(Case suite) {
    LAB.events().skip();
    int port = suite.clientRsa() ? CLIENT_RSA : CLIENT_EC;
    Background server =
        LAB.vm()
            .start(
                "s_server-" + suite.openssl() + "-" + port,
                "openssl s_server -accept %s:%d -Verify 1 -naccept 1 -rev %s"
                    .formatted(suite.brackets(), port, tls(suite, suite.rsa())));
    server.awaitLine("^ACCEPT");
    String line =
        LAB.vm()
            .run(
                "exec 3<>/dev/tcp/%s/%d; echo hello >&3; IFS= read -r -t 90 line <&3; echo \"$line\""
                    .formatted(suite.host(), port))
            .ok()
            .out();
    assertThat(line).isEqualTo("olleh\n");
    assertOpened(
        suite, LAB.events().await("EVENT_OPENED", suite.clientRsa() ? "out-rsa" : "out-ec"));
    server.awaitOk(Vm.PATIENCE);
    assertThat(server.log()).contains("Ciphersuite: " + suite.openssl());
  }

  private static void assertOpened(Case suite, Event event) {
    assertThat(event.number("SUITE")).isEqualTo(suite.number());
    assertThat(event.number("KTLS")).isEqualTo(1);
    assertThat(event.text("PEER_ID")).isEqualTo("spiffe://example.org/openssl");
    String local = event.text("LOCAL_ADDRESS");
    assertThat(local).isEqualTo(suite.host().equals("::1") ? "::1" : "::ffff:7f00:1");
  }
}
