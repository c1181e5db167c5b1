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
import io.hauberk.e2e.lab.Vm;
import java.util.List;
import java.util.Map;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Filters on the connections of programs that know nothing of them.
 *
 * <pre>
 *   curl, redis-cli, psql ---- mutual TLS or plaintext, lo ---- | chain of filters | ---- nginx, redis, postgres
 *                                                                 of a rule that is inbound
 * </pre>
 *
 * <p>First the filters are interpreted, at the end the same tests run with compiled ones.
 */
@Tag("6.12")
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FilterIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final String PAGE = "the page";
  private static final int STAMPED = 8080;
  private static final List<Integer> CHAINS = List.of(1, 3, 8);

  /** Ports of chains of so many filters under mutual TLS and on plaintext. */
  private static final int CHAINED_TLS = 8100;

  private static final int CHAINED_PLAIN = 8200;

  private static final Map<String, Integer> HOSTILE =
      Map.of(
          "trap", 8301,
          "loop", 8302,
          "memory", 8303,
          "pointer", 8304,
          "malloc", 8305,
          "reenter", 8306,
          "bomb", 8307);
  private static final int TRAP_OPEN = 8310;

  /**
   * Whom filters ask, and what becomes of a request: an answer, a refusal, none in time, nobody who
   * listens, a certificate that the rule does not want, and one that no rule-set names.
   */
  private static final List<Asked> ASKED =
      List.of(
          new Asked("authz", 8411, 200),
          new Asked("denying", 8412, 403),
          new Asked("slow", 8413, 504),
          new Asked("gone", 8414, 504),
          new Asked("mistrusted", 8415, 504),
          new Asked("nobody", 8416, 503));

  /** What is added to a port of {@link #ASKED} to have the upstream's. */
  private static final int UPSTREAM = 10;

  private static final int REDIS = 6380;
  private static final int POSTGRES = 5432;

  /** Networks of clients whose connections are plaintext, or have mutual TLS, with chains. */
  private static final String PLAIN_NET = "127.0.1.";

  private static final String TLS_NET = "127.0.2.";

  /** More than the kernel lets a module trap. */
  private static final int TRAPS = 40;

  /** Where clients get their words from. */
  private static final String FIFO = "/run/filter.fifo";

  private static Filters filters;
  private static RuleSets ruleSets;

  private record Asked(String upstream, int port, int status) {}

  private static String filter(String name, String module, String protocol) {
    return "  - {name: %s, module: %s.wasm, protocol: %s}\n".formatted(name, module, protocol);
  }

  private static String rules(String stamp) {
    StringBuilder rules = new StringBuilder("handshake: {timeout: 60s}\nidentities:\n");
    rules.append("  - {name: web, spiffeId: spiffe://example.org/web, dnsNames: [localhost]}\n");
    rules.append("  - {name: client, spiffeId: spiffe://example.org/client}\n");
    rules.append("filters:\n");
    Stream.of("access-log", "ip-allow", "rate-limit", "deny-sql", "http-authz", "metrics", "stamp")
        .forEach(name -> rules.append(filter(name, name, "http")));
    Stream.of("access-log", "deny-sql", "redact", "metrics")
        .forEach(name -> rules.append(filter(name + "-tcp", name, "tcp")));
    HOSTILE.keySet().forEach(name -> rules.append(filter(name, name, "tcp")));
    rules.append(filter("ask", "ask", "http"));
    rules.append("upstreams:\n");
    ASKED.stream()
        .filter(asked -> !asked.upstream().equals("nobody"))
        .forEach(asked -> rules.append(upstream(asked)));
    rules.append("rules:\n");
    rules.append(tls("stamped", STAMPED, "[" + stamped(stamp) + "]"));
    for (int length : CHAINS) {
      rules.append(tls("tls-" + length, CHAINED_TLS + length, chain(length)));
      rules.append(plain("plain-" + length, CHAINED_PLAIN + length, chain(length)));
    }
    String bytes =
        """
        [{name: metrics-tcp, config: {prefix: tcp_}},
              {name: redact-tcp, config: {rules: [{find: secret, replace: hidden}]}},
              {name: deny-sql-tcp, config: {patterns: [flushall, drop table]}},
              {name: access-log-tcp}]
        """
            .strip();
    rules.append(plain("redis-plain", 6379, bytes));
    rules.append(permissive("redis-tls", REDIS, bytes));
    rules.append(permissive("postgres", POSTGRES, bytes));
    for (int length : CHAINS) {
      rules.append(
          outbound("bytes-plain-" + length, PLAIN_NET + length, "tls: off", bytes(length)));
      rules.append(
          outbound("bytes-tls-" + length, TLS_NET + length, "identity: client", bytes(length)));
    }
    for (Asked asked : ASKED) {
      String name = asked.upstream();
      rules.append(plain("ask-" + name, asked.port(), "[{name: ask, config: " + name + "}]"));
      if (!List.of("slow", "nobody").contains(name)) {
        rules.append(called(name, asked.port() + UPSTREAM));
      }
    }
    HOSTILE.forEach((name, port) -> rules.append(plain(name, port, "[{name: " + name + "}]")));
    rules.append(plain("trap-open", TRAP_OPEN, "[{name: trap, onFailure: open}]"));
    return rules.toString();
  }

  private static String stamped(String value) {
    return """
    {name: stamp, config: {request: {x-peer: "%%{connection.uri_san_peer_certificate}"}, \
    response: {x-stamped: "%s"}}}\
    """
        .formatted(value);
  }

  private static String chain(int length) {
    List<String> all =
        List.of(
            stamped("yes"),
            "{name: access-log}",
            "{name: rate-limit, config: {rate: 1000000, seconds: 1}}",
            "{name: ip-allow, config: {allow: [127.0.0.0/8]}}",
            "{name: deny-sql}",
            "{name: http-authz, config: {default: allow, rules: []}}",
            "{name: metrics, config: {prefix: http_}}",
            "{name: stamp, config: {response: {x-last: \"8\"}}}");
    return "[" + String.join(", ", all.subList(0, length)) + "]";
  }

  private static String upstream(Asked asked) {
    return "  - {name: %s, address: \"127.0.0.1:%d\"}\n"
        .formatted(asked.upstream(), asked.port() + UPSTREAM);
  }

  /** A destination of filters' calls, which are connections like any other: mutual TLS. */
  private static String called(String name, int port) {
    String peer = name.equals("mistrusted") ? "somebody-else" : "web";
    return """
      - name: %1$s
        match: {direction: inbound, ports: [%2$d]}
        identity: web
        peers: {allow: [spiffe://example.org/client]}
      - name: to-%1$s
        match: {direction: outbound, ports: [%2$d]}
        identity: client
        peers: {allow: [spiffe://example.org/%3$s]}
    """
        .formatted(name, port, peer);
  }

  /** A chain at the client's end of what speaks bytes. */
  private static String outbound(String name, String address, String how, String filters) {
    return """
      - name: %s
        match: {direction: outbound, ports: [%d, %d], cidr: [%s/32]}
        %s
        filters: %s
    """
        .formatted(name, REDIS, POSTGRES, address, how, filters);
  }

  private static String bytes(int length) {
    List<String> all =
        List.of(
            "{name: redact-tcp, config: {rules: [{find: secret, replace: hidden}]}}",
            "{name: deny-sql-tcp, config: {patterns: [flushall, drop table]}}",
            "{name: metrics-tcp, config: {prefix: out_}}",
            "{name: access-log-tcp}",
            "{name: redact-tcp, config: {rules: [{find: hidden, replace: nobody}]}}",
            "{name: deny-sql-tcp, config: {patterns: [drop database]}}",
            "{name: metrics-tcp, config: {prefix: again_}}",
            "{name: access-log-tcp}");
    return "[" + String.join(", ", all.subList(0, length)) + "]";
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

  private static String permissive(String name, int port, String filters) {
    return tls(name, port, filters).replaceFirst("identity: web", "tls: permissive\n    $0");
  }

  private static String plain(String name, int port, String filters) {
    return """
      - name: %s
        match: {direction: inbound, ports: [%d]}
        tls: off
        filters: %s
    """
        .formatted(name, port, filters);
  }

  @BeforeAll
  static void serve() {
    filters = new Filters(LAB.vm());
    ruleSets = new RuleSets(LAB.vm(), new Pki("Hauberk e2e"));
    ruleSets.push(rules("one"));
    Vm vm = LAB.vm();
    vm.put("/srv/page/index.html", PAGE + "\n");
    vm.run("head -c 300000 /dev/urandom > /srv/page/large").ok();
    String ports =
        Stream.of(
                Stream.of(STAMPED, TRAP_OPEN),
                CHAINS.stream().flatMap(n -> Stream.of(CHAINED_TLS + n, CHAINED_PLAIN + n)),
                HOSTILE.values().stream(),
                ASKED.stream().map(Asked::port))
            .flatMap(stream -> stream)
            .map(port -> "listen 127.0.0.1:" + port + ";")
            .collect(Collectors.joining(" "));
    vm.put(
        "/run/nginx.conf",
        """
        worker_processes 1;
        error_log /tmp/nginx-error.log;
        pid /run/nginx.pid;
        events {}
        http {
          access_log off;
          keepalive_timeout 1h;
          server {
            %s
            root /srv/page;
            location /peer { return 200 "peer=$http_x_peer\\n"; }
          }
          server { listen 127.0.0.1:8421; listen 127.0.0.1:8425; location / { return 200; } }
          server { listen 127.0.0.1:8422; location / { return 403; } }
        }
        """
            .formatted(ports));
    vm.run("mkdir -p /var/lib/nginx /var/log/nginx").ok();
    vm.start("nginx", "nginx -c /run/nginx.conf").awaitOk(Vm.PATIENCE);
    for (int port : List.of(6379, 6380)) {
      vm.start("redis-" + port, "redis-server --port " + port + " --bind 0.0.0.0 --save ''")
          .awaitLine("Ready to accept connections");
    }
  }

  @AfterAll
  static void takeTheFiltersOut() {
    LAB.vm().stopAll();
    filters.takeOut(ruleSets);
    filters.rmmod("filters");
  }

  private static Output curl(int port, String words) {
    return LAB.vm().run("curl -sS --max-time 60 " + words.formatted("http://127.0.0.1:" + port));
  }

  @Test
  @Order(1)
  @Tag("debug")
  void headersAreAddedOnBothWays() {
    assertThat(curl(STAMPED, "-i %s/").ok().out())
        .contains("HTTP/1.1 200 OK\r\n", "x-stamped: one\r\n")
        .endsWith(PAGE + "\n");
    assertThat(curl(STAMPED, "-H 'x-peer: forged' %s/peer").ok().out())
        .isEqualTo("peer=spiffe://example.org/client\n");
  }

  @Order(2)
  @Tag("debug")
  @ParameterizedTest(name = "{1} filters at {0}")
  @CsvSource({
    "8101, 1", "8103, 3", "8108, 8",
    "8201, 1", "8203, 3", "8208, 8",
  })
  void chainsLeadEverythingThrough(int port, int length) {
    String answer = curl(port, "-i %s/").ok().out();
    assertThat(answer).contains("x-stamped: yes\r\n").endsWith(PAGE + "\n");
    assertThat(answer.contains("x-last: 8\r\n")).isEqualTo(length == 8);
    curl(port, "%s/large | cmp - /srv/page/large").ok();
    String both = "-o /dev/stdout -o /dev/null -w '%%{num_connects} ' %1$s/peer %1$s/large";
    String twice = curl(port, both).ok().out();
    assertThat(twice).as("connections for two requests").endsWith("1 0 ");
    String peer = port < CHAINED_PLAIN ? "spiffe://example.org/client" : "-";
    assertThat(twice).startsWith("peer=" + peer + "\n");
  }

  @Test
  @Order(3)
  @Tag("debug")
  void aFilterAnswersInThePlaceOfTheServer() {
    for (int port : List.of(CHAINED_TLS + 8, CHAINED_PLAIN + 8)) {
      String url = "-i '%s/?q=1%%27+union+select+1'";
      assertThat(curl(port, url).ok().out()).startsWith("HTTP/1.1 403 ").endsWith("refused\n");
    }
  }

  @Order(3)
  @ParameterizedTest(name = "wrk at {0}")
  @ValueSource(ints = {8101, 8103, 8108, 8201, 8203, 8208})
  void aLoadGoesThroughChains(int port) {
    // Handshakes alone may take a second on a machine that others use as well.
    String load =
        "for s in 1 4 16; do wrk -t1 -c4 -d${s}s --timeout 10s http://127.0.0.1:%d/ > /tmp/wrk || exit 1;"
            + " grep -q ' 0 requests in' /tmp/wrk || break; done; cat /tmp/wrk";
    assertThat(LAB.vm().run(load.formatted(port)).ok().out())
        .doesNotContain("Socket errors", "Non-2xx")
        .containsPattern("[1-9][0-9]* requests in");
  }

  /** What a filter asks is a connection of this machine, to which the rules apply. */
  @Order(4)
  @Test
  @Tag("debug")
  void filtersAskUpstreamsBeforeTheyLetGo() {
    String silent =
        "import signal, socket; s = socket.create_server((\"127.0.0.1\", %d));"
                .formatted(ASKED.get(2).port() + UPSTREAM)
            + " print(\"listening\", flush=True); signal.pause()";
    Background slow = LAB.vm().start("silent", "exec python3 -c '" + silent + "'");
    slow.awaitLine("listening");
    LAB.events().skip();
    for (Asked asked : ASKED) {
      String answer = curl(asked.port(), "-w '%%{http_code}' -o /tmp/asked %s/").ok().out();
      assertThat(answer).as(asked.upstream()).isEqualTo(String.valueOf(asked.status()));
    }
    assertThat(LAB.events().await("EVENT_OPENED", "authz").text("PEER_ID"))
        .isEqualTo("spiffe://example.org/client");
    LAB.events().await("EVENT_REFUSED", "to-mistrusted");
    LAB.vm().run("cmp /srv/page/index.html /tmp/asked").failed();
    assertThat(curl(ASKED.get(0).port(), "%s/").ok().out()).isEqualTo(PAGE + "\n");
    slow.kill();
  }

  @Order(4)
  @ParameterizedTest(name = "redis at {0}")
  @CsvSource({"6379", "6380"})
  void redisGoesThroughFiltersOfBytes(int port) {
    String cli = "timeout 60 redis-cli -p " + port + " ";
    assertThat(LAB.vm().run(cli + "set key a-secret-word").ok().out()).isEqualTo("OK\n");
    assertThat(LAB.vm().run(cli + "get key").ok().out()).isEqualTo("a-hidden-word\n");
    LAB.vm().run("timeout 100 redis-benchmark -p " + port + " -q -n 300 -c 5 -t set,get").ok();
    assertThat(LAB.vm().run(cli + "flushall").all()).contains("closed");
    assertThat(LAB.vm().run(cli + "exists key").ok().out()).isEqualTo("1\n");
  }

  @Test
  @Order(5)
  void postgresGoesThroughFiltersOfBytes() {
    Vm vm = LAB.vm();
    vm.put("/run/pg_hba.conf", "host all all 127.0.0.1/32 trust\n");
    Background postgres =
        vm.start(
            "postgres",
            "exec runuser -u postgres -- /usr/lib/postgresql/15/bin/postgres"
                + " -D /var/lib/postgresql/15/main"
                + " -c config_file=/etc/postgresql/15/main/postgresql.conf"
                + " -c hba_file=/run/pg_hba.conf -c listen_addresses=* -c port=5432"
                + " -c unix_socket_directories= -c ssl=off -c fsync=off -c external_pid_file="
                + " -c log_min_messages=log");
    postgres.awaitLine("ready to accept connections");
    String psql = "timeout 60 psql -h 127.0.0.1 -U postgres -X -At -c ";
    assertThat(vm.run(psql + "\"select 'a ' || 'sec' || 'ret'\"").ok().out())
        .isEqualTo("a hidden\n");
    assertThat(vm.run(psql + "'select sum(n) from generate_series(1, 20000) n'").ok().out())
        .isEqualTo("200010000\n");
    vm.run(psql + "'drop table pg_class'").failed();
    vm.put("/run/select.sql", "select 'a ' || 'sec' || 'ret';\n");
    for (int length : CHAINS) {
      chainsLeadBytesThrough(PLAIN_NET + length, length);
      chainsLeadBytesThrough(TLS_NET + length, length);
    }
    postgres.kill();
  }

  /** Chains at the client's end, beside those of the server's. */
  private static void chainsLeadBytesThrough(String host, int length) {
    String hidden = length == 8 ? "a-nobody-word\n" : "a-hidden-word\n";
    String cli = "timeout 60 redis-cli -h " + host + " -p " + REDIS + " ";
    LAB.vm().run(cli + "set key a-secret-word").ok();
    assertThat(LAB.vm().run(cli + "get key").ok().out()).as(host).isEqualTo(hidden);
    String bench = "timeout 60 /usr/lib/postgresql/15/bin/pgbench -h %s -U postgres -n -t 10 -c 2";
    assertThat(LAB.vm().run(bench.formatted(host) + " -f /run/select.sql postgres").ok().out())
        .contains("number of transactions actually processed: 20/20");
  }

  @Test
  @Order(6)
  void filtersAreReplacedUnderLoad() {
    Background client = client();
    try {
      String guest = filters.guest("stamp");
      ruleSets.push(rules("two").replace("module: stamp.wasm", "module: stamp-two.wasm"));
      assertThat(filters.guest("stamp")).isNotEqualTo(guest);
      assertThat(told(client, "new")).isEqualTo("new two");
      assertThat(told(client, "old")).isEqualTo("old one");
      assertThat(filters.ask("guests"))
          .anyMatch(frame -> frame.path("NAME").asString("").equals(guest));
      assertThat(told(client, "end")).matches("end [1-9][0-9]*");
      client.awaitOk(Vm.PATIENCE);
    } finally {
      client.kill();
    }
    ruleSets.push(rules("one"));
  }

  /** A client that makes connections to the stamped port all the time, and keeps one. */
  private static Background client() {
    LAB.vm().run("rm -f " + FIFO + " && mkfifo " + FIFO).ok();
    Background client =
        LAB.vm()
            .start(
                "filter-client",
                "exec python3 /opt/hauberk/e2e/filter_client.py " + STAMPED + " x-stamped " + FIFO);
    assertThat(client.awaitLine("^first ")).isEqualTo("first one");
    return client;
  }

  /** What the client answers to a word. */
  private static String told(Background client, String word) {
    LAB.vm().run("echo " + word + " > " + FIFO).ok();
    return client.awaitLine("^" + word + " ");
  }

  @Test
  @Order(7)
  @Tag("debug")
  void whatFiltersCountIsTold() {
    JsonNode stamp = filters.status("stamp");
    assertThat(stamp.path("COMPILED").asInt()).isZero();
    curl(STAMPED, "%s/").ok();
    assertThat(filters.status("stamp").path("CALLS").asLong())
        .isGreaterThan(stamp.path("CALLS").asLong());
    assertThat(filters.status("stamp").path("INSTRUCTIONS").asLong()).isPositive();
    curl(CHAINED_PLAIN + 8, "%s/").ok();
    assertThat(filters.ask("metrics"))
        .anyMatch(
            frame ->
                frame.path("NAME").asString("").equals("http_requests_total")
                    && frame.path("VALUE").asLong() > 0);
  }

  /** A good connection is held open all the time, and serves afterwards as before. */
  @Test
  @Order(8)
  @Tag("debug")
  void hostileFiltersHurtNobodyElse() {
    Background good = client();
    try {
      for (String name : List.of("trap", "loop", "reenter")) {
        LAB.events().skip();
        curl(HOSTILE.get(name), "%s/").failed();
        Event failed = LAB.events().await("EVENT_FILTER_FAILED", name);
        assertThat(failed.reason()).as(name).isEqualTo("connection-failed");
        assertThat(failed.text("NAME")).isEqualTo(name);
        assertThat(failed.text("TRAP")).as(name).isNotEmpty();
      }
      for (String name : List.of("memory", "pointer", "malloc")) {
        assertThat(curl(HOSTILE.get(name), "%s/").ok().out()).as(name).isEqualTo(PAGE + "\n");
      }
      LAB.vm().run("curl -sS --max-time 3 http://127.0.0.1:" + HOSTILE.get("bomb") + "/").failed();
      assertThat(told(good, "old")).isEqualTo("old one");
      assertThat(told(good, "end")).matches("end [1-9][0-9]*");
      good.awaitOk(Vm.PATIENCE);
    } finally {
      good.kill();
    }
  }

  @Test
  @Order(9)
  @Tag("debug")
  void aModuleThatTrapsTooOftenIsPutInQuarantine() {
    LAB.events().skip();
    assertThat(curl(TRAP_OPEN, "%s/").ok().out()).isEqualTo(PAGE + "\n");
    assertThat(LAB.events().await("EVENT_FILTER_FAILED", "trap-open").reason())
        .isEqualTo("bypassed");
    String all = IntStream.range(0, TRAPS).mapToObj(i -> "%1$s/").collect(Collectors.joining(" "));
    curl(TRAP_OPEN, "-H 'connection: close' " + all).ok();
    LAB.events().await("a quarantine", event -> event.frame().equals("EVENT_WASM_QUARANTINED"));
    assertThat(filters.status("trap").path("QUARANTINED").asInt()).isEqualTo(1);
    assertThat(curl(TRAP_OPEN, "%s/").ok().out()).isEqualTo(PAGE + "\n");
    curl(HOSTILE.get("trap"), "%s/").failed();
    assertThat(curl(STAMPED, "%s/").ok().out()).isEqualTo(PAGE + "\n");
  }

  /** Guests that were loaded before stay as they are; so all of them go first. */
  @Test
  @Order(10)
  void compiledFiltersDoTheSame() {
    filters.takeOut(ruleSets);
    filters.insmod("filters");
    ruleSets.push(rules("one"));
    for (String name : List.of("stamp", "access-log", "deny-sql-tcp", "http-authz", "metrics")) {
      assertThat(filters.status(name).path("COMPILED").asInt()).as(name).isEqualTo(1);
    }
    headersAreAddedOnBothWays();
    for (int length : CHAINS) {
      chainsLeadEverythingThrough(CHAINED_TLS + length, length);
      chainsLeadEverythingThrough(CHAINED_PLAIN + length, length);
      aLoadGoesThroughChains(CHAINED_TLS + length);
      aLoadGoesThroughChains(CHAINED_PLAIN + length);
    }
    aFilterAnswersInThePlaceOfTheServer();
    redisGoesThroughFiltersOfBytes(6379);
    redisGoesThroughFiltersOfBytes(6380);
    postgresGoesThroughFiltersOfBytes();
  }

  /** A Java virtual machine for each line: this is last, and on kernels that are quick enough. */
  @Test
  @Order(11)
  void theCommandAppliesReplacesAndCounts() {
    Vm vm = LAB.vm();
    vm.run("mkdir -p /run/rules && cp /opt/hauberk/filters/stamp*.wasm /run/rules").ok();
    vm.put(
        "/run/rules/rules.yaml",
        """
        apiVersion: hauberk/v1
        kind: RuleSet
        trustDomain: example.org
        filters: [{name: stamp, module: stamp.wasm, protocol: http}]
        rules:
        """
            + plain("stamped", STAMPED, "[" + stamped("by-command") + "]"));
    hauberk("init /run/rules/rules.yaml").ok();
    assertThat(hauberk("apply /run/rules/rules.yaml").ok().out()).contains("FILTERS", " stamp\n");
    assertThat(curl(STAMPED, "-i %s/").ok().out()).contains("x-stamped: by-command\r\n");
    String before = filters.guest("stamp");

    Output replaced = hauberk("filter replace stamp /run/rules/stamp-two.wasm").ok();
    assertThat(replaced.out()).contains(": stamp is guest stamp-").doesNotContain(before);
    assertThat(curl(STAMPED, "-i %s/").ok().out()).contains("x-stamped: by-command\r\n");
    vm.run("cmp /run/rules/stamp.wasm /run/rules/stamp-two.wasm").ok();
    assertThat(hauberk("filter stats --prometheus").ok().out())
        .containsPattern("hauberk_filter_calls_total\\{filter=\"stamp\"\\} [1-9]");
    assertThat(hauberk("filter unload stamp").status(75).err()).contains("EBUSY");
  }

  private static Output hauberk(String words) {
    return LAB.vm().run("hauberk --state /run/rules/state " + words);
  }
}
