// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Event;
import io.hauberk.e2e.lab.Filters;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Pki;
import io.hauberk.e2e.lab.RuleSets;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Filters that were not written for Hauberk, on what curl and an HTTP server say to each other.
 *
 * <pre>
 *   curl ---- mutual TLS, lo ---- | the filter | ---- foreign.py
 *                                       |
 *                                       +---- mutual TLS, lo ---- foreign.py as httpbin
 * </pre>
 *
 * <p>The Rust ones are the examples of the crate proxy-wasm, add_header stands in the README of the
 * AssemblyScript SDK, gzip is zlib and wasi-libc: docs/foreign-filters.md.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ForeignFilterIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(200);

  private static final int SCRIPTS = 11;

  private static final int HELLO_WORLD = 8401;
  private static final int HEADERS = 8402;
  private static final int BODY = 8403;
  private static final int CONFIG = 8404;
  private static final int AUTH_RANDOM = 8405;
  private static final int ADD_HEADER = 8406;
  private static final int GZIP = 8407;
  private static final int CHAIN = 8408;
  private static final int HTTPBIN = 8409;

  /** Those of Rust take a compiler half a minute each. */
  private static final List<String> COMPILED = List.of("add_header", "gzip");

  private static Filters filters;
  private static RuleSets ruleSets;
  private static Background server;

  private static String rules() {
    return """
        handshake: {timeout: 60s}
        identities:
          - {name: web, spiffeId: spiffe://example.org/web, dnsNames: [localhost]}
          - {name: client, spiffeId: spiffe://example.org/client}
        filters:
          - {name: hello_world, module: hello_world.wasm, protocol: http}
          - {name: http_headers, module: http_headers.wasm, protocol: http}
          - {name: http_body, module: http_body.wasm, protocol: http, budget: 50000000}
          - {name: http_config, module: http_config.wasm, protocol: http}
          - {name: http_auth_random, module: http_auth_random.wasm, protocol: http}
          - {name: add_header, module: add_header.wasm, protocol: http, rootId: add_header}
          - {name: gzip, module: gzip.wasm, protocol: http, budget: 50000000}
        upstreams:
          - {name: httpbin, address: "127.0.0.1:%d"}
        rules:
        """
            .formatted(HTTPBIN)
        + Stream.of(
                tls("hello_world", HELLO_WORLD, "[{name: hello_world, onFailure: open}]"),
                tls("http_headers", HEADERS, "[{name: http_headers}]"),
                tls("http_body", BODY, "[{name: http_body}]"),
                tls("http_config", CONFIG, "[{name: http_config, config: from the rule-set}]"),
                tls("http_auth_random", AUTH_RANDOM, "[{name: http_auth_random}]"),
                tls("add_header", ADD_HEADER, "[{name: add_header, config: from the rule-set}]"),
                tls("gzip", GZIP, "[{name: gzip, config: level=9 type=text/}]"),
                tls("httpbin", HTTPBIN, "[]"),
                tls(
                    "chain",
                    CHAIN,
                    "[{name: gzip}, {name: http_headers}, {name: http_config, config: two},"
                        + " {name: add_header, config: three}, {name: http_body}]"))
            .collect(Collectors.joining());
  }

  private static String tls(String name, int port, String filters) {
    return """
          - name: %1$s
            match: {direction: inbound, ports: [%2$d]}
            identity: web
            peers: {allow: [spiffe://example.org/client]}
            filters: %3$s
          - name: to-%1$s
            match: {direction: outbound, ports: [%2$d]}
            identity: client
        """
        .formatted(name, port, filters);
  }

  @BeforeAll
  static void serve() {
    filters = new Filters(LAB.vm());
    ruleSets = new RuleSets(LAB.vm(), new Pki("Hauberk e2e"));
    ruleSets.push(rules());
    String ports =
        IntStream.rangeClosed(HELLO_WORLD, HTTPBIN)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(" "));
    server = LAB.vm().start("server", "exec python3 /opt/hauberk/e2e/foreign.py serve " + ports);
    server.awaitLine("^ready$");
  }

  @AfterAll
  static void takeTheFiltersOut() {
    LAB.vm().stopAll();
    filters.takeOut(ruleSets);
    filters.rmmod("foreign");
  }

  private static Output curl(int port, String words) {
    return LAB.vm().run("curl -sS --max-time 60 " + words.formatted("http://127.0.0.1:" + port));
  }

  /** The last line like this that a filter has logged; waits for it. */
  private static String said(String pattern) {
    return LAB.vm()
        .run(LIMIT, "python3 /opt/hauberk/e2e/foreign.py said '" + pattern + "'")
        .ok()
        .out();
  }

  @Test
  @Order(1)
  @Tag("6.12")
  @Tag("long")
  void theKernelTracesWhatTheOtherHostsTrace() {
    Output output =
        LAB.vm()
            .run(LIMIT, "cd /opt/hauberk/e2e && python3 device_scripts.py /opt/hauberk/foreign")
            .ok();
    assertThat(Tap.of(output).asPlanned().passed()).isEqualTo(SCRIPTS);
  }

  @Test
  @Order(2)
  @Tag("6.12")
  @Tag("long")
  void rustReadsHeadersAndAnswersByItself() {
    String answer = curl(HEADERS, "-i -H 'x-mark: \u00b7' '%1$s/' '%1$s/hello'").ok().out();
    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("the page\n");
    assertThat(answer)
        .contains("Hello: World\r\n", "Powered-By: proxy-wasm\r\n")
        .endsWith("\r\n\r\nHello, World!\n");
    assertThat(server.log()).contains(HEADERS + " /\n").doesNotContain(" /hello\n");
    said("#[0-9]+ -> :path: /hello");
    said("#[0-9]+ -> x-mark: ");
    said("#[0-9]+ <- Content-Type: text/plain");
    said("#[0-9]+ completed");
  }

  @Test
  @Order(3)
  @Tag("6.12")
  @Tag("long")
  void rustRewritesBodies() {
    String redacted = "Original message body (14 bytes) redacted.";
    assertThat(curl(BODY, "%s/secret").ok().out()).isEqualTo(redacted);
    assertThat(curl(BODY, "%s/chunked").ok().out()).isEqualTo(redacted);
    assertThat(curl(BODY, "%s/").ok().out()).isEqualTo("the page\n");
    assertThat(curl(BODY, "%s/text | wc -lc").ok().out().strip()).matches("1500 +[0-9]{5}");
  }

  /** It unwraps what is no text: a panic, of which others on the port notice nothing. */
  @Test
  @Order(4)
  @Tag("6.12")
  @Tag("long")
  void aPanicOfRustEndsItsOwnConnection() {
    LAB.events().skip();
    curl(BODY, "%s/binary").failed();
    Event failed = LAB.events().await("EVENT_FILTER_FAILED", "http_body");
    assertThat(failed.reason()).isEqualTo("connection-failed");
    assertThat(failed.text("TRAP")).isEqualTo("unreachable");
    assertThat(said("panicked at")).contains("Utf8Error", "http_body.rs");
    assertThat(curl(BODY, "%s/").ok().out()).isEqualTo("the page\n");
  }

  @Test
  @Order(5)
  @Tag("6.12")
  @Tag("long")
  void rustReadsItsConfiguration() {
    assertThat(curl(CONFIG, "-i %s/").ok().out())
        .contains("custom-header: from the rule-set\r\n")
        .endsWith("the page\n");
  }

  /** The upstream's answers are even and odd in turns, and each comes by mutual TLS. */
  @Test
  @Order(6)
  @Tag("6.12")
  @Tag("long")
  void rustAsksAnUpstreamWhomToLetThrough() {
    LAB.events().skip();
    assertThat(curl(AUTH_RANDOM, "-i %s/").ok().out())
        .startsWith("HTTP/1.1 200 ")
        .contains("Powered-By: proxy-wasm\r\n")
        .endsWith("the page\n");
    Event call = LAB.events().await("EVENT_OPENED", "httpbin");
    assertThat(call.text("PEER_ID")).isEqualTo("spiffe://example.org/client");
    said("Access granted");
    assertThat(curl(AUTH_RANDOM, "-i %s/secret").ok().out())
        .startsWith("HTTP/1.1 403 ")
        .contains("Powered-By: proxy-wasm\r\n")
        .endsWith("Access forbidden.\n");
    said("Access forbidden");
    assertThat(server.log()).doesNotContain(AUTH_RANDOM + " /secret");
    assertThat(curl(AUTH_RANDOM, "%s/").ok().out()).isEqualTo("the page\n");
    assertThat(server.log()).contains(HTTPBIN + " /bytes/1\n");
  }

  /** Its SDK has no context for streams in it: in Envoy, too, it is a service and no filter. */
  @Test
  @Order(7)
  @Tag("6.12")
  @Tag("long")
  void rustGreetsAndIsLeftOut() {
    LAB.events().skip();
    assertThat(curl(HELLO_WORLD, "%s/").ok().out()).isEqualTo("the page\n");
    assertThat(LAB.events().await("EVENT_FILTER_FAILED", "hello_world").reason())
        .isEqualTo("bypassed");
    said("Hello, World!");
    said("panicked at .missing ContextType on root_context");
  }

  @Test
  @Order(8)
  @Tag("6.12")
  @Tag("long")
  void assemblyScriptAddsAHeader() {
    assertThat(curl(ADD_HEADER, "-i %1$s/ %1$s/secret").ok().out())
        .containsSubsequence(
            "hello: from the rule-set\r\n",
            "the page\n",
            "hello: from the rule-set\r\n",
            "a secret word\n");
  }

  @Test
  @Order(9)
  @Tag("6.12")
  @Tag("long")
  void zlibCompressesWithTheMemoryOfWasiLibc() {
    curl(GZIP, "%s/text > /tmp/text").ok();
    assertThat(LAB.vm().run("wc -lc < /tmp/text").ok().out().strip()).matches("1500 +[0-9]{5}");
    assertThat(curl(GZIP, "--compressed -D - -o /tmp/back %s/text").ok().out())
        .contains("content-encoding: gzip\r\n", "vary: accept-encoding\r\n");
    LAB.vm().run("cmp /tmp/text /tmp/back").ok();
    String size = curl(GZIP, "-H 'accept-encoding: gzip' %s/text | tee /tmp/gz | wc -c").ok().out();
    assertThat(Integer.parseInt(size.strip())).isBetween(1, 20000);
    LAB.vm().run("gzip -dc < /tmp/gz | cmp - /tmp/text").ok();
    assertThat(curl(GZIP, "--compressed -D - -o /tmp/binary %s/binary").ok().out())
        .doesNotContain("gzip");
    said("zlib 1.2.13, level 9");
    said("[0-9]{4}-[0-9]{2}-[0-9]{2}: [0-9]{5} bytes are " + size.strip() + ", [0-9.]+ %");
  }

  @Test
  @Order(10)
  @Tag("6.12")
  @Tag("long")
  void allOfThemAreOneChain() {
    for (String page : List.of("secret", "chunked")) {
      assertThat(curl(CHAIN, "-i --compressed %s/" + page).ok().out())
          .contains("custom-header: two\r\n", "hello: three\r\n", "content-encoding: gzip\r\n")
          .endsWith("Original message body (14 bytes) redacted.");
    }
    said("#[0-9]+ <- custom-header: two");
  }

  /** Guests that were loaded before stay as they are; so all of them go first. */
  @Test
  @Order(11)
  void compiledOnesDoTheSame() {
    filters.takeOut(ruleSets);
    filters.insmod("foreign");
    ruleSets.push(rules());
    for (String name : COMPILED) {
      assertThat(filters.status(name).path("COMPILED").asInt()).as(name).isEqualTo(1);
    }
    assemblyScriptAddsAHeader();
    zlibCompressesWithTheMemoryOfWasiLibc();
    allOfThemAreOneChain();
  }
}
