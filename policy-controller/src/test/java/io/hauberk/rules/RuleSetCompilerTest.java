// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.Golden;
import io.hauberk.device.FilterEntry;
import io.hauberk.device.Isolation;
import io.hauberk.device.OnFailure;
import io.hauberk.device.Protocol;
import io.hauberk.device.RecordLayer;
import io.hauberk.device.Settings;
import io.hauberk.device.UpstreamEntry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a rule-set that is right. */
class RuleSetCompilerTest {
  private static final String HEAD =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      identities:
        - {name: web, spiffeId: "spiffe://example.org/web", dnsNames: [localhost, "*.example.org"]}
        - {name: client, spiffeId: "spiffe://example.org/client/curl", key: rsa-2048, lifetime: 90m}
      """;

  private static CompiledRuleSet compile(String rules) {
    return BadRuleSets.compile((HEAD + rules).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void writesTheTableThatTheKernelsTestsHave() throws IOException {
    CompiledRuleSet compiled =
        compile(
            """
            rules:
              - name: web-out
                match:
                  direction: outbound
                  ports: [8000]
                  uid: [1000, 0]
                  comm: [curl, wget]
                  cgroup: [/system.slice/nginx.service]
                  netns: [red]
                identity: client
                serverName: web.example.org
                peers: {allow: ["spiffe://example.org/web"]}
              - name: web-in
                match:
                  direction: inbound
                  ports: [8080-8085, 8000, 8083-8090]
                  cidr: [10.0.0.0/8, "fd00::/8", 10.2.0.0/16]
                  gid: [1000-1500, 1501-1999]
                tls: strict
                identity: web
                peers: {allow: ["spiffe://example.org/client/*", "dns:client.example.org"]}
              - name: block-testnet
                match: {direction: inbound, cidr: [192.0.2.0/24]}
                action: deny
            """);
    assertThat(compiled.table()).isEqualTo(Golden.bytes("table"));
    assertThat(compiled.ordered())
        .extracting(Rule::name)
        .containsExactly("block-testnet", "web-in", "web-out");
    assertThat(compiled.warnings()).isEmpty();
  }

  @Test
  void writesWhoMeetsPeersAndApplicationsThatAreNotAllAlike() throws IOException {
    CompiledRuleSet compiled =
        compile(
            """
            rules:
              - name: mixed-in
                match: {direction: inbound, ports: [8000]}
                tls: permissive
                onTls: passthrough
                identity: web
                peers: {allow: ["spiffe://example.org/client/*"]}
              - name: own-tls-out
                match: {direction: outbound, ports: [8443]}
                onTls: passthrough
                identity: client
                peers: {allow: ["spiffe://example.org/web"]}
              - name: web-out
                match: {direction: outbound, ports: [8000]}
                onTls: refuse
                identity: client
                peers: {allow: ["spiffe://example.org/web"]}
            """);
    assertThat(compiled.table()).isEqualTo(Golden.bytes("table-tls"));
    assertThat(compiled.ordered())
        .extracting(Rule::action)
        .containsExactly(Action.PERMISSIVE, Action.STRICT, Action.STRICT);
    assertThat(compiled.warnings()).isEmpty();
  }

  private static final String FILTERS =
      """
      filters:
        - {name: deny-keys, module: deny-keys.wasm}
        - {name: access-log, module: access-log.wasm, protocol: http, vmId: log, rootId: main}
        - {name: rate-limit, module: /opt/rate.wasm, protocol: http, isolation: connection, budget: 7}
        - name: stamp
          module: ../stamp.wasm
          protocol: http
          vmConfig: {a: [1, -2.5, true, null, "x\\\"y"], "b c": {}}
      """;

  @Test
  void writesTheChainsOfRules() throws IOException {
    CompiledRuleSet compiled =
        compile(
            FILTERS
                + """
                rules:
                  - name: plain-in
                    match: {direction: inbound, ports: [6379], comm: [redis-server]}
                    tls: off
                    filters: [{name: deny-keys}]
                  - name: web-in
                    match: {direction: inbound, ports: [8000]}
                    identity: web
                    peers: {allow: ["spiffe://example.org/client/*"]}
                    filters: [{name: access-log}, {name: rate-limit}, {name: stamp}]
                  - name: web-out
                    match: {direction: outbound, ports: [8000]}
                    identity: client
                    peers: {allow: ["spiffe://example.org/web"]}
                """);
    assertThat(compiled.table()).isEqualTo(Golden.bytes("table-filters"));
    assertThat(compiled.warnings()).isEmpty();
  }

  @Test
  void givesTheKernelAFilterForEachConfiguration() {
    FilterPlan plan =
        compile(
                FILTERS
                    + """
                    upstreams:
                      - {name: authz, address: "10.0.0.5:9000"}
                      - {name: log, address: "[fd00::1]:80"}
                    rules:
                      - name: plain-in
                        match: {direction: inbound, ports: [6379]}
                        tls: off
                        filters: [{name: deny-keys, config: "FLUSHALL", onFailure: open}]
                      - name: web-in
                        match: {direction: inbound, ports: [8000]}
                        identity: web
                        filters:
                          - {name: stamp, config: {name: x-a, value: 1}}
                          - {name: stamp, config: {name: x-b, value: 2}}
                          - {name: stamp, config: {name: x-a, value: 1}}
                      - name: web-out
                        match: {direction: outbound, ports: [8000]}
                        identity: client
                        filters: [{name: stamp, config: {name: x-a, value: 1}, onFailure: open}]
                    """)
            .filters();
    String guest = "-93a44bbb96c7"; // the digest of every module here
    assertThat(plan.modules())
        .extracting(FilterModule::guest)
        .containsExactly("deny-keys" + guest, "stamp" + guest);
    assertThat(plan.entries())
        .containsExactly(
            new FilterEntry(
                "deny-keys",
                "deny-keys" + guest,
                "deny-keys",
                Optional.empty(),
                "",
                "FLUSHALL",
                OnFailure.OPEN,
                OptionalLong.empty(),
                Protocol.TCP,
                Isolation.SHARED),
            stamp("stamp", "{\"name\":\"x-a\",\"value\":1}", OnFailure.CLOSED),
            stamp("stamp.2", "{\"name\":\"x-b\",\"value\":2}", OnFailure.CLOSED),
            stamp("stamp.3", "{\"name\":\"x-a\",\"value\":1}", OnFailure.OPEN));
    assertThat(plan.upstreams())
        .containsExactly(
            new UpstreamEntry("authz", new InetSocketAddress("10.0.0.5", 9000)),
            new UpstreamEntry("log", new InetSocketAddress("fd00::1", 80)));
  }

  private static FilterEntry stamp(String name, String config, OnFailure onFailure) {
    return new FilterEntry(
        name,
        "stamp-93a44bbb96c7",
        "stamp",
        Optional.empty(),
        "{\"a\":[1,-2.5,true,null,\"x\\\"y\"],\"b c\":{}}",
        config,
        onFailure,
        OptionalLong.empty(),
        Protocol.HTTP,
        Isolation.SHARED);
  }

  @Test
  void aFilterThatIsCalledLikeTheSecondUseOfAnotherIsNotTakenForIt() {
    FilterPlan plan =
        compile(
                """
                filters: [{name: a, module: a.wasm}, {name: a.2, module: b.wasm}]
                rules:
                  - name: in
                    match: {direction: inbound, ports: [80]}
                    tls: off
                    filters: [{name: a}, {name: a, config: x}, {name: a.2}]
                """)
            .filters();
    assertThat(plan.entries()).extracting(FilterEntry::name).containsExactly("a", "a.3", "a.2");
  }

  @Test
  void warnsOfFiltersThatNobodyUsesAndOfThoseThatEverythingMeets() {
    CompiledRuleSet compiled =
        compile(
            """
            filters: [{name: a, module: a.wasm}, {name: b, module: b.wasm}]
            rules:
              - {name: in, match: {direction: inbound}, tls: off, filters: [{name: a}]}
            """);
    assertThat(compiled.warnings())
        .extracting(Problem::toString)
        .endsWith(
            "rules.yaml:7:38: filters[1]: no rule uses the filter 'b'",
            "rules.yaml:9:23: rules[0].match: this matches every inbound TCP connection of the"
                + " machine, ssh too");
    assertThat(compiled.filters().modules()).extracting(FilterModule::filter).containsExactly("a");
  }

  @Test
  void refusesAConfigurationThatFitsIntoNoFrame() {
    String rules =
        "filters: [{name: a, module: a.wasm, vmConfig: {k: "
            + "x".repeat(61_440)
            + "}}]\nrules: []\n";
    assertThatThrownBy(() -> compile(rules))
        .hasMessage(
            "rules.yaml:7:47: filters[0].vmConfig: a configuration of 61448 bytes; at most 61440");
  }

  @Test
  void readsEveryKeyAndFillsInTheDefaults() {
    RuleSet ruleSet =
        compile(
                """
                handshake: {timeout: 2500ms, max: 7, ratePerSource: 0}
                sessions: {max: 100}
                recordLayer: own
                rules:
                  - name: web-in
                    match: {direction: inbound, ports: [8000]}
                    identity: web
                  - name: plain
                    match: {direction: outbound, ports: [8000]}
                    tls: off
                """)
            .ruleSet();
    assertThat(ruleSet.trustDomain()).isEqualTo("example.org");
    assertThat(ruleSet.settings()).isEqualTo(new Settings(2500, 7, 0, 100, RecordLayer.OWN));
    assertThat(ruleSet.identities())
        .containsExactly(
            new Identity(
                "web",
                "spiffe://example.org/web",
                List.of("localhost", "*.example.org"),
                Optional.empty(),
                Optional.empty()),
            new Identity(
                "client",
                "spiffe://example.org/client/curl",
                List.of(),
                Optional.of(KeyType.RSA_2048),
                Optional.of(Duration.ofMinutes(90))));
    Rule rule = ruleSet.rules().get(0);
    assertThat(rule.action()).isEqualTo(Action.STRICT);
    assertThat(rule.onTls()).isEqualTo(OnTls.REFUSE);
    assertThat(rule.peers()).containsExactly("spiffe://example.org/*");
    assertThat(ruleSet.rules().get(1).action()).isEqualTo(Action.OFF);
    assertThat(ruleSet.source().at("rules[1].tls")).isEqualTo(new Position(16, 10));
  }

  @Test
  void acceptsNoRuleAtAll() {
    CompiledRuleSet compiled = compile("rules: []\n");
    assertThat(compiled.ordered()).isEmpty();
    assertThat(compiled.ruleSet().settings()).isEqualTo(Settings.DEFAULTS);
    assertThat(compiled.warnings()).hasSize(2);
  }

  @ParameterizedTest(name = "{0} before {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ports: [80], uid: [0] | ports: [80]",
        "ports: [80], uid: [0], comm: [a] | ports: [80], uid: [0]",
        "ports: [80] | ports: [80-81]",
        "ports: [80] | comm: [a], ports: [1-65535]",
        "ports: [80], cidr: [10.0.0.0/16] | ports: [80], cidr: [10.0.0.0/8]",
        "ports: [80], cidr: [10.0.0.0/8] | ports: [80], cidr: ['fd00::/8']",
        "ports: [80], cidr: [10.0.0.0/8] | ports: [80], cidr: [10.0.0.0/8, 192.0.2.0/24]",
        "ports: [80], uid: [5] | ports: [80], uid: [0-9]",
        "ports: [80], gid: [5] | ports: [80], gid: [0-9]",
        "ports: [80], comm: [a] | ports: [80], comm: [a, b]",
        "ports: [80], cgroup: [/system.slice/nginx.service] | ports: [80], cgroup: [/system.slice]",
        "ports: [80], cgroup: [/system.slice] | ports: [80], cgroup: [/]",
        "ports: [80], netns: [red] | ports: [80], netns: [red, green]",
        "ports: [80], comm: [a] | ports: [80], cidr: ['::/0', 10.0.0.0/8]",
      })
  void triesTheMoreSpecificRuleFirst(String narrow, String wide) {
    CompiledRuleSet compiled =
        compile(
            """
            rules:
              - {name: wide, match: {direction: inbound, %s}, identity: web}
              - {name: narrow, match: {direction: inbound, %s}, identity: web}
            """
                .formatted(wide, narrow));
    assertThat(compiled.ordered()).extracting(Rule::name).containsExactly("narrow", "wide");
  }

  @Test
  void triesDenyBeforeAnythingAndEqualsAsWritten() {
    CompiledRuleSet compiled =
        compile(
            """
            rules:
              - {name: b, match: {direction: inbound, ports: [80], comm: [b]}, identity: web}
              - {name: a, match: {direction: inbound, ports: [80], comm: [a]}, identity: web}
              - {name: deny, match: {direction: inbound, ports: [1-100], uid: [1]}, action: deny}
            """);
    assertThat(compiled.ordered()).extracting(Rule::name).containsExactly("deny", "b", "a");
  }

  @Test
  void warnsOfWhatIsProbablyNotMeant() {
    CompiledRuleSet compiled =
        compile(
            """
            rules:
              - name: all
                match: {direction: inbound}
                identity: web
                peers: {allow: [spiffe://example.com/x]}
            """);
    assertThat(compiled.warnings())
        .extracting(Problem::toString)
        .containsExactly(
            "rules.yaml:6:5: identities[1]: no rule uses the identity 'client'",
            "rules.yaml:9:12: rules[0].match: this matches every inbound TCP connection of the"
                + " machine, ssh too",
            "rules.yaml:11:12: rules[0].peers: 'spiffe://example.com/x' is of the trust domain"
                + " example.com, and only certificates of this rule-set's own CA are trusted");
  }

  @Test
  void refusesATableThatTheKernelWouldNotTake() {
    String rules =
        IntStream.rangeClosed(1, 1500)
            .mapToObj(
                i ->
                    "  - {name: r"
                        + i
                        + ", match: {direction: inbound, ports: ["
                        + i
                        + "-"
                        + (60_000 + i)
                        + "]}, identity: web}\n")
            .collect(Collectors.joining());
    assertThatThrownBy(() -> compile("rules:\n" + rules))
        .hasMessage(
            "rules.yaml:8:3: rules: the table of these rules would be longer than 4194304 bytes");
  }
}
