// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Capture;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Vm;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The controller against the real device: one rule-set's way from a file into the kernel, and what
 * becomes of it when the controller is gone.
 *
 * <pre>
 *   hauberk init, check, apply, certs rotate, serve ---- /dev/hauberk
 *                                                            |
 *                                curl | -- mutual TLS -- | http.server
 * </pre>
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("6.12")
final class ControllerIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A Java virtual machine on an emulated processor under load. */
  private static final Duration JVM = Duration.ofSeconds(300);

  private static final String PAGE = "the-page-that-nobody-may-see";
  private static final String FILE = "/etc/rules.yaml";
  private static final String RULES =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      handshake: {timeout: 60s, ratePerSource: 2000}
      sessions: {max: 100}
      identities:
        - {name: web, spiffeId: spiffe://example.org/web, dnsNames: [localhost]}
        - {name: client, spiffeId: spiffe://example.org/client}
      rules:
        - name: web-in
          match: {direction: inbound, ports: [8000]}
          identity: web
          peers: {allow: [spiffe://example.org/client]}
        - name: web-out
          match: {direction: outbound, ports: [8000]}
          identity: client
          peers: {allow: [spiffe://example.org/web]}
      """;

  @BeforeAll
  static void prepare() {
    Vm vm = LAB.vm();
    vm.put("/srv/page/index.html", PAGE + "\n");
    vm.run("head -c 20000000 /dev/urandom > /srv/page/large").ok();
    vm.put(FILE, RULES);
    vm.put(
        "/etc/bad.yaml",
        RULES.replace("ports: [8000]", "ports: [800000]").replace("rules:", "rulez:"));
  }

  private static Output hauberk(String words) {
    return LAB.vm().run(JVM, "hauberk " + words);
  }

  private static String curl() {
    return LAB.vm().run("curl -sS --max-time 60 http://127.0.0.1:8000/").ok().out();
  }

  /** A download that goes on when it is told to, however long what happens meanwhile may take. */
  private static Background stalledDownload() {
    LAB.vm().run("rm -f /tmp/go; mkfifo /tmp/go").ok();
    return LAB.vm()
        .start(
            "download",
            "curl -sS http://127.0.0.1:8000/large | { read -r < /tmp/go; cat > /tmp/large; }");
  }

  private static void finish(Background download) {
    LAB.vm().run("echo > /tmp/go").ok();
    download.awaitOk(JVM);
    LAB.vm().run("cmp /tmp/large /srv/page/large").ok();
  }

  private static JsonNode status() {
    return JSON.readTree(hauberk("status --json").ok().out());
  }

  @Test
  @Order(1)
  void aRuleSetIsCheckedInitialisedAndApplied() {
    assertThat(hauberk("check " + FILE).ok().out()).contains("ok", "2 rules", "2 identities");
    Output bad = hauberk("check /etc/bad.yaml").status(65);
    assertThat(bad.err()).contains("/etc/bad.yaml:9:1: rulez");

    assertThat(hauberk("apply " + FILE).failed().err()).contains("hauberk init");
    hauberk("init " + FILE).ok();
    assertThat(
            LAB.vm()
                .run("stat -c %a /etc/hauberk/ca.key /etc/hauberk/identities/web/tls.key")
                .ok()
                .out())
        .isEqualTo("600\n600\n");
    LAB.events().skip();
    assertThat(hauberk("apply " + FILE).ok().out()).contains("web-in", "web-out");
    LAB.events().await("EVENT_RULESET", "");
    JsonNode status = status();
    assertThat(status.path("generation").asLong()).isPositive();
    assertThat(status.path("rules").values().stream().map(rule -> rule.path("rule").asString()))
        .containsExactlyInAnyOrder("web-in", "web-out");
    assertThat(status.path("handshakeTimeoutMs").asInt()).isEqualTo(60000);
    assertThat(status.path("handshakeRate").asInt()).isEqualTo(2000);
    assertThat(status.path("sessionMax").asInt()).isEqualTo(100);
    assertThat(status.path("recordLayer").asString()).isEqualTo("kernel");

    LAB.vm()
        .start("http", "python3 -u -m http.server --directory /srv/page 8000")
        .awaitLine("Serving HTTP");
    assertThat(curl()).isEqualTo(PAGE + "\n");
    assertThat(LAB.events().await("EVENT_CLOSED", "web-in").text("PEER_ID"))
        .isEqualTo("spiffe://example.org/client");
  }

  @Test
  @Order(2)
  void certificatesRotateUnderADownload() {
    LAB.events().skip();
    Background download = stalledDownload();
    Event before = LAB.events().await("EVENT_OPENED", "web-out");
    JsonNode connections = JSON.readTree(hauberk("connections --json").ok().out());
    assertThat(connections.values().stream().map(c -> c.path("rule").asString()))
        .containsExactlyInAnyOrder("web-in", "web-out");
    assertThat(
            connections.values().stream().filter(c -> c.path("rule").asString().equals("web-out")))
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.path("peerId").asString()).isEqualTo("spiffe://example.org/web");
              assertThat(c.path("peerSerial").asString()).isEqualTo(before.text("PEER_SERIAL"));
              assertThat(c.path("comm").asString()).isEqualTo("curl");
              assertThat(c.path("ktls").asBoolean()).isTrue();
            });

    hauberk("certs rotate").ok();
    assertThat(curl()).isEqualTo(PAGE + "\n");
    Event after = LAB.events().await("EVENT_OPENED", "web-out");
    assertThat(after.text("PEER_SERIAL")).isNotEqualTo(before.text("PEER_SERIAL"));
    assertThat(after.number("GENERATION")).isGreaterThan(before.number("GENERATION"));
    finish(download);
  }

  @Test
  @Order(3)
  void theDaemonAppliesChangesAndItsDeathChangesNothing() {
    Vm vm = LAB.vm();
    LAB.events().skip();
    Background daemon = vm.start("serve", "hauberk serve " + FILE);
    daemon.awaitLine("generation .* is in force", JVM);
    Event started = LAB.events().await("EVENT_RULESET", "");
    String more = RULES.replace("ports: [8000]}", "ports: [8000, 8100]}");
    vm.put(FILE + ".new", more);
    vm.run("mv %s.new %1$s".formatted(FILE)).ok();
    Event changed = LAB.events().await("EVENT_RULESET", "");
    assertThat(changed.number("GENERATION")).isEqualTo(started.number("GENERATION") + 1);
    vm.put(FILE, more.replace("rules:", "rulez:"));
    daemon.awaitLine("was not applied; the rules stay as they are");

    Background download = stalledDownload();
    LAB.events().await("EVENT_OPENED", "web-in");
    Capture capture = Capture.begin(vm, "tcp port 8100");
    vm.start("http-8100", "python3 -u -m http.server --directory /srv/page 8100")
        .awaitLine("Serving HTTP");
    daemon.signal("KILL");
    assertThat(daemon.await(Vm.PATIENCE)).isEqualTo(128 + 9);
    assertThat(vm.run("curl -sS --max-time 60 http://127.0.0.1:8100/").ok().out())
        .isEqualTo(PAGE + "\n");
    finish(download);
    Capture.assertTlsOnly(capture.end(), PAGE);
    assertThat(status().path("generation").asLong()).isEqualTo(changed.number("GENERATION"));
    vm.put(FILE, more);
  }

  @Test
  @Order(4)
  void theDaemonPushesAgainAfterTheModuleWasReloadedAndStopsCleanly() {
    Vm vm = LAB.vm();
    Background daemon = vm.start("serve-again", "hauberk serve " + FILE);
    daemon.awaitLine("generation .* is in force", JVM);
    LAB.reload();
    Event pushed = LAB.events().await("EVENT_RULESET", "");
    daemon.awaitLine("the module was loaded again");
    assertThat(pushed.number("GENERATION")).isEqualTo(1);
    daemon.signal("TERM");
    assertThat(daemon.await(Duration.ofSeconds(30))).isZero();
    assertThat(status().path("rules").size()).isEqualTo(2);
  }

  @Test
  @Order(5)
  void withoutTheModuleTheCommandSaysSo() {
    LAB.rmmod();
    Output output = hauberk("status").status(69);
    assertThat(output.err().lines()).singleElement().asString().contains("/dev/hauberk");
    LAB.insmod();
  }
}
