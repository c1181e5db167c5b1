// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Capture;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import io.hauberk.e2e.lab.Vm;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Peers that speak TLS and peers that do not on one port, and applications that speak TLS
 * themselves. User 1000 is matched by the outbound rules, root by none.
 *
 * <pre>
 *   user 1000 | ------ mutual TLS ------ | permissive      http.server, echo_server.py
 *   openssl ---------- mutual TLS ------ |
 *   root, curl ------- plaintext ------- |
 *
 *   user 1000 | ------ mutual TLS ------ | passthrough     http.server, echo_server.py
 *   openssl, curl ---- their own TLS --- |                 nginx with ssl
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class PermissiveIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAGE = "the-page-that-somebody-may-see";
  private static final String AS_USER = "setpriv --reuid 1000 --clear-groups ";
  private static final int MIXED = 8000;
  private static final int MIXED_GREETING = 8025;
  private static final int REFUSED = 8443;
  private static final int PASSED = 9443;
  private static final int PASSED_HTTP = 9080;
  private static final int PASSED_GREETING = 9025;
  private static final int PASSED_RECORDER = 9090;
  private static final String RULES =
      """
      handshake: {timeout: 60s}
      identities:
        - {name: web, spiffeId: spiffe://example.org/web, dnsNames: [localhost]}
        - {name: client, spiffeId: spiffe://example.org/client}
      rules:
        - name: mixed-in
          match: {direction: inbound, ports: [8000, 8025]}
          tls: permissive
          identity: web
          peers: {allow: [spiffe://example.org/client]}
        - name: mixed-out
          match: {direction: outbound, ports: [8000, 8025], uid: [1000]}
          identity: client
          peers: {allow: [spiffe://example.org/web]}
        - name: refuse-in
          match: {direction: inbound, ports: [8443]}
          identity: web
          peers: {allow: [spiffe://example.org/client]}
        - name: refuse-out
          match: {direction: outbound, ports: [8443], uid: [1000]}
          identity: client
          peers: {allow: [spiffe://example.org/web]}
        - name: pass-in
          match: {direction: inbound, ports: [9025, 9080, 9090, 9443]}
          onTls: passthrough
          identity: web
          peers: {allow: [spiffe://example.org/client]}
        - name: pass-out
          match: {direction: outbound, ports: [9025, 9080, 9443], uid: [1000]}
          onTls: passthrough
          identity: client
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
        server {
          listen 9443 ssl;
          ssl_certificate /run/pki/nginx.crt;
          ssl_certificate_key /run/pki/nginx.key;
          ssl_protocols TLSv1.3;
          root /srv/page;
        }
      }
      """;

  @BeforeAll
  static void serve() {
    Vm vm = LAB.vm();
    Pki pki = new Pki("Hauberk e2e");
    new RuleSets(vm, pki).push(RULES);
    pki.authority().install(vm, "ca");
    pki.leaf().uri("spiffe://example.org/client").issue().install(vm, "client");
    pki.leaf().uri("spiffe://example.org/stranger").issue().install(vm, "stranger");
    pki.leaf().dns("localhost").issue().install(vm, "nginx");
    vm.put("/srv/page/index.html", PAGE + "\n");
    for (int port : new int[] {MIXED, REFUSED, PASSED_HTTP}) {
      vm.start("http-" + port, "python3 -u -m http.server --directory /srv/page " + port)
          .awaitLine("Serving HTTP");
    }
    for (int port : new int[] {MIXED_GREETING, PASSED_GREETING}) {
      vm.start("echo-" + port, "/opt/hauberk/e2e/echo_server.py " + port + " welcome")
          .awaitLine("serving");
    }
    vm.start("recorder", "/opt/hauberk/e2e/recorder.py " + PASSED_RECORDER).awaitLine("recording");
    vm.put("/run/nginx.conf", NGINX);
    vm.run("mkdir -p /var/lib/nginx /var/log/nginx").ok();
    vm.start("nginx", "nginx -c /run/nginx.conf").awaitOk(Vm.PATIENCE);
  }

  private int past;

  @BeforeEach
  void forgetThePast() {
    LAB.events().skip();
    past = LAB.events().seen().size();
  }

  private static long counter(String rule, String name) {
    for (String line :
        LAB.vm().run("/opt/hauberk/e2e/hbk_tool.py status").ok().out().lines().toList()) {
      JsonNode frame = JSON.readTree(line);
      if (frame.path("RULE").asString("").equals(rule)) {
        return frame.path(name).asLong();
      }
    }
    throw new AssertionError("no rule " + rule);
  }

  private static Output curl(String user, String url) {
    return LAB.vm().run(user + "curl -4 -sS --max-time 100 --cacert /run/pki/ca.crt " + url);
  }

  /** Says nothing before it has been greeted. */
  private static String greeting(String user, int port) {
    return LAB.vm()
        .run(
            user
                + "bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d; IFS= read -r -t 100 line <&3; echo $line'"
                    .formatted(port))
        .ok()
        .out();
  }

  /** OpenSSL by way of Python: its own client takes its time between connecting and its hello. */
  private static Output openssl(String user, int port, String options) {
    return LAB.vm()
        .run(
            "%stimeout 100 /opt/hauberk/e2e/prompt_client.py %d --ca /run/pki/ca.crt %s"
                .formatted(user, port, options));
  }

  private static String leaf(String name) {
    return "--leaf /run/pki/%1$s.crt /run/pki/%1$s.key --say hello --line".formatted(name);
  }

  /** Nor do connections of the tests before it open any more. */
  private void assertNothingWasTold() {
    assertThat(LAB.events().seen().stream().skip(past))
        .filteredOn(event -> List.of("EVENT_OPENED", "EVENT_REFUSED").contains(event.frame()))
        .as("events of connections that Hauberk had no part in")
        .isEmpty();
  }

  private static void assertMutual(String rule, String peer) {
    Event opened = LAB.events().await("EVENT_OPENED", rule);
    assertThat(opened.text("PEER_ID")).isEqualTo("spiffe://example.org/" + peer);
  }

  // ---- tls: permissive

  @Test
  void anUpgradedClientIsServedOverTls() {
    long plain = counter("mixed-in", "PLAIN");
    Capture capture = Capture.begin(LAB.vm(), "tcp port " + MIXED);
    assertThat(curl(AS_USER, "http://127.0.0.1:" + MIXED).ok().out()).isEqualTo(PAGE + "\n");
    assertMutual("mixed-in", "client");
    assertMutual("mixed-out", "web");
    Capture.assertTlsOnly(capture.end(), PAGE);
    assertThat(counter("mixed-in", "PLAIN")).isEqualTo(plain);
  }

  @Test
  void opensslIsServedOverTls() {
    assertThat(openssl("", MIXED_GREETING, leaf("client")).ok().out()).isEqualTo("welcome\n");
    assertMutual("mixed-in", "client");
  }

  @Test
  void aTlsPeerThatIsNotAllowedDoesNotFallBack() {
    long plain = counter("mixed-in", "PLAIN");
    assertThat(openssl("", MIXED_GREETING, leaf("stranger")).failed().out()).isEmpty();
    assertThat(LAB.events().await("EVENT_REFUSED", "mixed-in").reason())
        .isEqualTo("peer-not-allowed");
    assertThat(counter("mixed-in", "PLAIN")).isEqualTo(plain);
  }

  @Test
  void aPlaintextClientIsServedInPlaintext() {
    long plain = counter("mixed-in", "PLAIN");
    Capture capture = Capture.begin(LAB.vm(), "tcp port " + MIXED);
    assertThat(curl("", "http://127.0.0.1:" + MIXED).ok().out()).isEqualTo(PAGE + "\n");
    assertThat(Capture.anyContains(capture.end(), PAGE)).isTrue();
    assertThat(counter("mixed-in", "PLAIN")).isEqualTo(plain + 1);
    assertNothingWasTold();
  }

  @Test
  void aPlaintextClientThatWaitsIsGreetedInPlaintext() {
    long plain = counter("mixed-in", "PLAIN");
    assertThat(greeting("", MIXED_GREETING)).isEqualTo("welcome\n");
    assertThat(counter("mixed-in", "PLAIN")).isEqualTo(plain + 1);
    assertNothingWasTold();
  }

  @Test
  void anUpgradedClientThatWaitsIsGreetedOverTls() {
    assertThat(greeting(AS_USER, MIXED_GREETING)).isEqualTo("welcome\n");
    assertMutual("mixed-in", "client");
    assertMutual("mixed-out", "web");
  }

  // ---- onTls

  @Test
  void anApplicationThatSpeaksTlsIsRefused() {
    curl(AS_USER, "https://localhost:" + REFUSED).failed();
    assertThat(LAB.events().await("EVENT_CLOSED", "refuse-out").reason())
        .isEqualTo("application-tls");
    assertThat(counter("refuse-out", "PASSED")).isZero();
    // The port itself is well.
    assertThat(curl(AS_USER, "http://localhost:" + REFUSED).ok().out()).isEqualTo(PAGE + "\n");
  }

  @Test
  void anApplicationThatSpeaksTlsIsPassedThrough() {
    long out = counter("pass-out", "PASSED");
    long in = counter("pass-in", "PASSED");
    // It says hello as soon as it is connected; curl would read its certificates first.
    assertThat(openssl(AS_USER, PASSED, "--say $'GET / HTTP/1.0\\r\\n\\r'").ok().out())
        .endsWith(PAGE + "\n");
    assertThat(counter("pass-out", "PASSED")).isEqualTo(out + 1);
    assertThat(counter("pass-in", "PASSED")).isEqualTo(in + 1);
    assertNothingWasTold();
  }

  @Test
  void aPeerThatSpeaksTlsWithTheApplicationIsPassedThrough() {
    long in = counter("pass-in", "PASSED");
    String url = "--tlsv1.3 https://localhost:" + PASSED;
    assertThat(curl("", url).ok().out()).isEqualTo(PAGE + "\n");
    assertThat(counter("pass-in", "PASSED")).isEqualTo(in + 1);
    assertNothingWasTold();
  }

  @Test
  void anApplicationThatSpeaksPlaintextIsUpgradedAllTheSame() {
    long passed = counter("pass-in", "PASSED");
    Capture capture = Capture.begin(LAB.vm(), "tcp port " + PASSED_HTTP);
    assertThat(curl(AS_USER, "http://localhost:" + PASSED_HTTP).ok().out()).isEqualTo(PAGE + "\n");
    assertMutual("pass-in", "client");
    assertMutual("pass-out", "web");
    Capture.assertTlsOnly(capture.end(), PAGE);
    assertThat(counter("pass-in", "PASSED")).isEqualTo(passed);
  }

  @Test
  void anApplicationThatReadsFirstIsUpgradedAllTheSame() {
    assertThat(greeting(AS_USER, PASSED_GREETING)).isEqualTo("welcome\n");
    assertMutual("pass-in", "client");
    assertMutual("pass-out", "web");
  }

  @Test
  void whoOffersOurAlpnNameIsServedByHauberk() {
    assertThat(openssl("", PASSED_RECORDER, leaf("client") + " --alpn hauberk").ok().out())
        .isEqualTo("got hello\n");
    assertMutual("pass-in", "client");
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "hauberk2", "h2,http/1.1"})
  void whoOffersOtherNamesIsPassedThrough(String names) {
    long passed = counter("pass-in", "PASSED");
    // The recorder knows no TLS: it gets the ClientHello as it is and waits for the end of a line.
    LAB.vm()
        .run(
            "timeout 10 openssl s_client -connect 127.0.0.1:%d -quiet -alpn %s"
                .formatted(PASSED_RECORDER, names))
        .failed();
    assertThat(counter("pass-in", "PASSED")).isEqualTo(passed + 1);
    assertNothingWasTold();
  }

  @Test
  void plaintextIsNotPassedThrough() {
    curl("", "http://127.0.0.1:" + PASSED_HTTP).failed();
    assertThat(LAB.events().await("EVENT_REFUSED", "pass-in").reason()).isEqualTo("not-tls");
  }
}
