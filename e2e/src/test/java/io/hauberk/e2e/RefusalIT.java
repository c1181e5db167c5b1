// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import io.hauberk.e2e.lab.Vm;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Peers that must not get through, each with its reason, in both directions.
 *
 * <pre>
 *   bad client ----- lo ----- | inbound rule,  plaintext server that writes down what it gets: nothing
 *   plaintext client | ------ lo ------ bad server that shows what it gets: nothing
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RefusalIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SECRET = "attack-at-dawn";
  private static final int IN = 8443;
  private static final int OUT = 9443;
  private static final int OUT_NAMED = 9444;
  private static final int OUT_DENIED = 9445;
  private static final String SHORT_TIMEOUT = "2s";
  private static final String TIMEOUT = "60s";
  private static final String RULES =
      """
      handshake: {timeout: %s}
      identities:
        - {name: web, spiffeId: spiffe://example.org/web}
        - {name: client, spiffeId: spiffe://example.org/client}
      rules:
        - name: in
          match: {direction: inbound, ports: [8443]}
          identity: web
          peers: {allow: [spiffe://example.org/client/*]}
        - name: in-denied
          match: {direction: inbound, ports: [8444]}
          action: deny
        - name: out
          match: {direction: outbound, ports: [9443]}
          identity: client
          peers: {allow: [spiffe://example.org/web]}
        - name: out-named
          match: {direction: outbound, ports: [9444]}
          identity: client
          serverName: web.example.org
          peers: {allow: [spiffe://example.org/web]}
        - name: out-denied
          match: {direction: outbound, ports: [9445]}
          action: deny
      """;

  private static RuleSets ruleSets;
  private static Background recorder;

  @BeforeAll
  static void prepare() {
    Vm vm = LAB.vm();
    Pki pki = new Pki("Hauberk e2e");
    Pki strangers = new Pki("Strangers");
    ruleSets = new RuleSets(vm, pki);
    ruleSets.push(RULES.formatted(TIMEOUT));
    pki.authority().install(vm, "ca");
    strangers.authority().install(vm, "strangers");
    // Each name as a client's and as a server's: right in all but one thing.
    for (String role : List.of("client/a", "web")) {
      String id = "spiffe://example.org/" + role;
      String at = role.substring(0, 3) + "-";
      pki.leaf().uri(id).issue().install(vm, at + "good");
      pki.leaf().uri(id).expired().issue().install(vm, at + "expired");
      pki.leaf().uri(id).notYetValid().issue().install(vm, at + "early");
      pki.leaf().uri("spiffe://example.org/other").issue().install(vm, at + "other-id");
      pki.leaf().uri(id).uri(id + "/2").issue().install(vm, at + "two-uris");
      pki.leaf().uri(id).nameConstraints(true).issue().install(vm, at + "constrained-critical");
      pki.leaf().uri(id).nameConstraints(false).issue().install(vm, at + "constrained");
      pki.leaf().issue().install(vm, at + "nameless");
      pki.leaf().dns("web.example.org").issue().install(vm, at + "dns-only");
      pki.leaf().uri("https://example.org/a").issue().install(vm, at + "no-spiffe");
      pki.leaf().uri(id).asAuthority().issue().install(vm, at + "authority");
      strangers.leaf().uri(id).issue().install(vm, at + "stranger");
    }
    pki.leaf()
        .uri("spiffe://example.org/client/" + "long-".repeat(60))
        .issue()
        .install(vm, "cli-long-id");
    recorder = vm.start("recorder", "/opt/hauberk/e2e/recorder.py 8443 8444");
    recorder.awaitLine("recording");
  }

  /**
   * A bad peer.
   *
   * @param what for the report
   * @param command what it runs
   * @param reason what the event must say
   */
  record Bad(String what, String command, String reason) {
    @Override
    public String toString() {
      return what + " -> " + reason;
    }
  }

  private static Bad badClient(String what, String options, String reason) {
    String command =
        "(echo %s; sleep infinity) | timeout 60 openssl s_client -connect 127.0.0.1:%d"
                .formatted(SECRET, IN)
            + " -quiet -CAfile /run/pki/ca.crt ";
    return new Bad(what, command + options, reason);
  }

  private static String leaf(String name) {
    return "-tls1_2 -cert /run/pki/%1$s.crt -key /run/pki/%1$s.key".formatted(name);
  }

  static Stream<Bad> clients() {
    return Stream.of(
        badClient("no certificate", "-tls1_2", "no-certificate"),
        badClient("wrong CA", leaf("cli-stranger"), "untrusted"),
        badClient("expired", leaf("cli-expired"), "expired"),
        badClient("not yet valid", leaf("cli-early"), "not-yet-valid"),
        badClient("wrong SPIFFE id", leaf("cli-other-id"), "peer-not-allowed"),
        badClient("two URI SANs", leaf("cli-two-uris"), "many-uri-sans"),
        badClient("name constraints", leaf("cli-constrained"), "name-constraints"),
        badClient(
            "critical name constraints", leaf("cli-constrained-critical"), "name-constraints"),
        badClient("neither URI nor DNS name", leaf("cli-nameless"), "no-identity"),
        badClient("a DNS name alone", leaf("cli-dns-only"), "peer-not-allowed"),
        badClient("a URI that is no SPIFFE id", leaf("cli-no-spiffe"), "bad-spiffe-id"),
        badClient("an authority as leaf", leaf("cli-authority"), "bad-usage"),
        badClient(
            "TLS 1.1",
            leaf("cli-good").replace("tls1_2", "tls1_1") + " -cipher DEFAULT@SECLEVEL=0",
            "bad-version"),
        badClient("TLS 1.3 alone", leaf("cli-good").replace("tls1_2", "tls1_3"), "no-common-suite"),
        badClient(
            "CBC alone", leaf("cli-good") + " -cipher ECDHE-ECDSA-AES128-SHA", "no-common-suite"),
        new Bad("plaintext", "curl -sS --max-time 60 http://127.0.0.1:8443/" + SECRET, "not-tls"),
        new Bad("noise", deed("client", IN, "cli-good", "garbage-first"), "protocol"));
  }

  private static String deed(String role, int port, String leaf, String deed) {
    return "/opt/hauberk/e2e/tls_peer.py %s %d /run/pki/%3$s.crt /run/pki/%3$s.key /run/pki/ca.crt %4$s"
        .formatted(role, port, leaf, deed);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("clients")
  @Order(1)
  void aBadClientReachesNoServer(Bad client) {
    LAB.events().skip();
    Background bad = LAB.vm().start("client", client.command());
    Event event = LAB.events().await("EVENT_REFUSED", "in");
    bad.kill();
    assertThat(event.reason()).as("%s%n%s", event, bad.log()).isEqualTo(client.reason());
    // A client whose first bytes are bad may be refused before the server has accepted it.
    assertNothingDelivered("ECONNRESET", "refused");
  }

  /** The server's connection has ended, and not one byte has come out of it. */
  private static void assertNothingDelivered(String... ends) {
    JsonNode connection = nextRecorded();
    assertThat(connection.path("bytes").asInt()).as("bytes delivered: %s", connection).isZero();
    assertThat(connection.path("end").asString()).isIn((Object[]) ends);
  }

  private static int recorded;

  /** What the recorder writes down of the next connection that ends on the port of bad clients. */
  private static JsonNode nextRecorded() {
    int wanted = recorded + 1;
    List<String> lines =
        LAB.vm()
            .run(
                "timeout 60 grep -m %d '\"port\": %d,' < <(exec tail -f -n +1 /run/log/recorder --pid=%d)"
                    .formatted(wanted, IN, recorder.pid()))
            .out()
            .lines()
            .toList();
    assertThat(lines).as("connections that have ended at the server").hasSize(wanted);
    recorded = wanted;
    return JSON.readTree(lines.get(wanted - 1));
  }

  private static Bad badServer(String what, String options, String reason) {
    String command =
        "openssl s_server -accept 127.0.0.1:%d -naccept 1 -rev -CAfile /run/pki/ca.crt -Verify 1 "
            .formatted(OUT);
    return new Bad(what, command + options, reason);
  }

  static Stream<Bad> servers() {
    return Stream.of(
        badServer("wrong CA", leaf("web-stranger"), "untrusted"),
        badServer("expired", leaf("web-expired"), "expired"),
        badServer("not yet valid", leaf("web-early"), "not-yet-valid"),
        badServer("wrong SPIFFE id", leaf("web-other-id"), "peer-not-allowed"),
        badServer("two URI SANs", leaf("web-two-uris"), "many-uri-sans"),
        badServer("name constraints", leaf("web-constrained"), "name-constraints"),
        badServer(
            "critical name constraints", leaf("web-constrained-critical"), "name-constraints"),
        badServer("neither URI nor DNS name", leaf("web-nameless"), "no-identity"),
        badServer("a URI that is no SPIFFE id", leaf("web-no-spiffe"), "bad-spiffe-id"),
        badServer("an authority as leaf", leaf("web-authority"), "bad-usage"),
        badServer(
            "TLS 1.1",
            leaf("web-good").replace("tls1_2", "tls1_1") + " -cipher DEFAULT@SECLEVEL=0",
            "peer-alert"),
        badServer("CBC alone", leaf("web-good") + " -cipher ECDHE-ECDSA-AES128-SHA", "peer-alert"),
        badServer(
            "does not trust us",
            leaf("web-good") + " -CAfile /run/pki/strangers.crt -verify_return_error",
            "peer-alert"),
        new Bad("noise", deed("server", OUT, "web-good", "garbage-first"), "protocol"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("servers")
  @Order(2)
  void aBadServerReachesNoClient(Bad server) {
    LAB.events().skip();
    Background bad = LAB.vm().start("server", server.command());
    bad.awaitLine("^ACCEPT|^listening");
    assertClientFails(OUT);
    Event event = LAB.events().await("EVENT_REFUSED", "out");
    bad.kill();
    assertThat(event.reason()).as("%s%n%s", event, bad.log()).isEqualTo(server.reason());
    assertThat(bad.log()).doesNotContain(SECRET);
  }

  /** A plaintext client says its secret and reads an answer: it must not get one. */
  private static void assertClientFails(int port) {
    Output client =
        LAB.vm()
            .run(
                "exec 3<>/dev/tcp/127.0.0.1/%d && echo %s >&3 && timeout 60 cat <&3"
                    .formatted(port, SECRET))
            .failed();
    assertThat(client.out()).isEmpty();
  }

  @Test
  @Order(3)
  void aServerThatSpeaksPlaintextIsRefused() {
    LAB.events().skip();
    Background server =
        LAB.vm()
            .start(
                "plain", "socat -dd TCP-LISTEN:%d,reuseaddr EXEC:'echo %s'".formatted(OUT, SECRET));
    server.awaitLine("listening on");
    assertClientFails(OUT);
    assertThat(LAB.events().await("EVENT_REFUSED", "out").reason()).isEqualTo("not-tls");
  }

  @Test
  @Order(3)
  void aServerOfAnotherNameIsRefused() {
    LAB.events().skip();
    Background server =
        LAB.vm()
            .start(
                "named",
                "openssl s_server -accept 127.0.0.1:%d -naccept 1 -rev -CAfile /run/pki/ca.crt -Verify 1 %s"
                    .formatted(OUT_NAMED, leaf("web-good")));
    server.awaitLine("^ACCEPT");
    assertClientFails(OUT_NAMED);
    assertThat(LAB.events().await("EVENT_REFUSED", "out-named").reason())
        .isEqualTo("wrong-server-name");
    server.kill();
    assertThat(server.log()).doesNotContain(SECRET);
  }

  @Test
  @Order(3)
  void denyMeansNoConnection() {
    LAB.events().skip();
    Output client = LAB.vm().run("exec 3<>/dev/tcp/127.0.0.1/" + OUT_DENIED).failed();
    assertThat(client.err()).contains("Operation not permitted");
    assertThat(LAB.events().await("EVENT_REFUSED", "out-denied").reason()).isEqualTo("denied");

    LAB.vm().run("exec 3<>/dev/tcp/127.0.0.1/8444 && echo x >&3 && timeout 60 cat <&3").failed();
    assertThat(LAB.events().await("EVENT_REFUSED", "in-denied").reason()).isEqualTo("denied");
  }

  @Test
  @Order(3)
  void anIdOf300BytesIsNothingToRefuse() {
    LAB.events().skip();
    Background client =
        LAB.vm()
            .start(
                "long",
                "openssl s_client -connect 127.0.0.1:%d -CAfile /run/pki/ca.crt %s < <(echo %s; echo Q)"
                    .formatted(IN, leaf("cli-long-id"), "hello"));
    Event event = LAB.events().await("EVENT_OPENED", "in");
    assertThat(event.text("PEER_ID")).hasSizeGreaterThan(300).endsWith("long-");
    client.awaitOk(Vm.PATIENCE);
    assertThat(nextRecorded().path("bytes").asInt()).isPositive();
  }

  /** After a handshake that was in order. */
  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({
    "truncate, truncated, ECONNRESET",
    "bad-record, bad-record, ECONNRESET",
    "plaintext, bad-record, ECONNRESET",
    "reset, reset, ECONNRESET",
    "fatal-alert, peer-alert, ECONNRESET"
  })
  @Order(4)
  void anOpenConnectionEndsWithoutABadByte(String deed, String reason, String end) {
    LAB.events().skip();
    LAB.vm().run(deed("client", IN, "cli-good", deed)).ok();
    assertThat(LAB.events().await("EVENT_CLOSED", "in").reason()).isEqualTo(reason);
    assertNothingDelivered(end);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({"truncate, truncated", "bad-record, bad-record", "fatal-alert, peer-alert"})
  @Order(4)
  void aClientIsToldHowItsServerEnded(String deed, String reason) {
    LAB.events().skip();
    LAB.vm().start("server", deed("server", OUT, "web-good", deed)).awaitLine("listening");
    Output client =
        LAB.vm().run("exec 3<>/dev/tcp/127.0.0.1/%d && timeout 60 cat <&3".formatted(OUT)).failed();
    assertThat(client.out()).isEmpty();
    assertThat(client.err()).contains("Connection reset by peer");
    assertThat(LAB.events().await("EVENT_CLOSED", "out").reason()).isEqualTo(reason);
  }

  @Test
  @Order(5)
  void everyRefusalWasCounted() {
    for (String line :
        LAB.vm().run("/opt/hauberk/e2e/hbk_tool.py status").ok().out().lines().toList()) {
      JsonNode status = JSON.readTree(line);
      if (!status.path("frame").asString().equals("RULE_STATUS")) {
        continue;
      }
      String rule = status.path("RULE").asString();
      long denied = count(rule, "EVENT_REFUSED", true);
      assertThat(status.path("DENIED").asLong()).as("denied by %s", rule).isEqualTo(denied);
      assertThat(status.path("REFUSED").asLong())
          .as("refused by %s", rule)
          .isEqualTo(count(rule, "EVENT_REFUSED", false));
      assertThat(status.path("CLOSED").asLong())
          .as("closed of %s", rule)
          .isEqualTo(count(rule, "EVENT_CLOSED", false));
    }
  }

  private static long count(String rule, String frame, boolean denied) {
    return LAB.events().seen().stream()
        .filter(event -> event.frame().equals(frame) && event.rule().equals(rule))
        .filter(event -> event.reason().equals("denied") == denied)
        .count();
  }

  /**
   * The last ones: their rule-set has a deadline that is too short for a slow machine's handshakes.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"a client that sends nothing, silence", "a client that stops half-way, half-hello"})
  @Order(6)
  void aStallingClientIsCutOff(String what, String deed) {
    ruleSets.push(RULES.formatted(SHORT_TIMEOUT));
    LAB.events().skip();
    String command =
        deed.equals("silence")
            ? "/opt/hauberk/e2e/silent.py " + IN + " 1"
            : deed("client", IN, "cli-good", deed);
    Background client = LAB.vm().start("stalling", command);
    assertThat(LAB.events().await("EVENT_REFUSED", "in").reason()).isEqualTo("handshake-timeout");
    client.kill();
    assertNothingDelivered("ETIMEDOUT");
  }

  @Test
  @Order(6)
  void aStallingServerIsGivenUp() {
    ruleSets.push(RULES.formatted(SHORT_TIMEOUT));
    LAB.events().skip();
    Background server =
        LAB.vm().start("mute", "socat -dd TCP-LISTEN:%d,reuseaddr PIPE".formatted(OUT));
    server.awaitLine("listening on");
    server.signal("STOP");
    Output client =
        LAB.vm()
            .run(
                "exec 3<>/dev/tcp/127.0.0.1/%d && echo %s >&3 && timeout 60 cat <&3"
                    .formatted(OUT, SECRET))
            .failed();
    assertThat(client.err()).contains("Connection timed out");
    assertThat(LAB.events().await("EVENT_REFUSED", "out").reason()).isEqualTo("handshake-timeout");
  }
}
