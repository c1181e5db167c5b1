// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import io.hauberk.device.FilterEntry;
import io.hauberk.device.UpstreamEntry;
import io.hauberk.rules.CompiledRuleSet;
import io.hauberk.rules.FilterModule;
import io.hauberk.rules.HostResolver;
import io.hauberk.rules.Identity;
import io.hauberk.rules.KeyType;
import io.hauberk.rules.RuleSetCompiler;
import io.hauberk.wasm.ModuleFiles;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import tools.jackson.databind.ObjectMapper;

/**
 * Compiles rule-sets here, with the controller's own compiler, and pushes them in the guest without
 * a Java virtual machine, which takes seconds to start there.
 */
public final class RuleSets {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder BASE64 = Base64.getEncoder();
  private static final String FILE = "/run/push.json";

  private final Vm vm;
  private final Pki pki;

  public RuleSets(Vm vm, Pki pki) {
    this.vm = vm;
    this.pki = pki;
  }

  /**
   * Pushes a rule-set, with a new certificate for each of its identities; returns its generation.
   */
  public long push(String rules) {
    String text = "apiVersion: hauberk/v1\nkind: RuleSet\ntrustDomain: example.org\n" + rules;
    CompiledRuleSet compiled =
        RuleSetCompiler.compile(
            "e2e.yaml",
            text.getBytes(StandardCharsets.UTF_8),
            new NoNames(),
            Settings.ofSystem().stage().resolve("filters"),
            new ModuleFiles(Optional.empty()));
    Map<String, Object> push =
        Map.of(
            "anchors", List.of(BASE64.encodeToString(pki.authority().der())),
            "identities", credentials(compiled.ruleSet().identities()),
            "table", BASE64.encodeToString(compiled.table()),
            "settings", settings(compiled.ruleSet().settings()),
            "modules", modules(compiled.filters().modules()),
            "filters", compiled.filters().entries().stream().map(RuleSets::filter).toList(),
            "upstreams", compiled.filters().upstreams().stream().map(RuleSets::upstream).toList());
    vm.put(FILE, JSON.writeValueAsBytes(push));
    return Long.parseLong(
        vm.run("python3 /opt/hauberk/e2e/hbk_tool.py push " + FILE).ok().out().strip());
  }

  /** As attributes of SETTINGS. */
  private static Map<String, Object> settings(io.hauberk.device.Settings settings) {
    return Map.of(
        "HANDSHAKE_TIMEOUT_MS", settings.handshakeTimeoutMs(),
        "HANDSHAKE_MAX", settings.handshakeMax(),
        "HANDSHAKE_RATE", settings.handshakeRate(),
        "SESSION_MAX", settings.sessionMax(),
        "RECORD_LAYER", settings.recordLayer().code());
  }

  /** By the names under which the kernel is to hold them. */
  private static Map<String, String> modules(List<FilterModule> modules) {
    return modules.stream()
        .collect(
            Collectors.toMap(FilterModule::guest, module -> BASE64.encodeToString(module.bytes())));
  }

  /** As attributes of FILTER. */
  private static Map<String, Object> filter(FilterEntry filter) {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("NAME", filter.name());
    attributes.put("MODULE", filter.guest());
    attributes.put("VM_ID", filter.vmId());
    filter.rootId().ifPresent(root -> attributes.put("ROOT_ID", root));
    attributes.put("VM_CONFIG", filter.vmConfig());
    attributes.put("CONFIG", filter.config());
    attributes.put("ON_FAILURE", filter.onFailure().code());
    filter.budget().ifPresent(budget -> attributes.put("BUDGET", budget));
    attributes.put("MODE", filter.protocol().code());
    attributes.put("ISOLATION", filter.isolation().code());
    return attributes;
  }

  /** As attributes of UPSTREAM. */
  private static Map<String, Object> upstream(UpstreamEntry upstream) {
    InetAddress address = upstream.address().getAddress();
    String ipv4 = address instanceof Inet4Address ? "::ffff:" : "";
    return Map.of(
        "NAME", upstream.name(),
        "ADDRESS", ipv4 + address.getHostAddress(),
        "PORT", upstream.address().getPort());
  }

  private List<Map<String, Object>> credentials(List<Identity> identities) {
    List<Map<String, Object>> credentials = new ArrayList<>();
    for (Identity identity : identities) {
      Pki.Leaf leaf = pki.leaf().uri(identity.spiffeId());
      identity.dnsNames().forEach(leaf::dns);
      leaf.key(identity.key().orElse(KeyType.EC_P256).label());
      Certificate certificate = leaf.issue();
      credentials.add(
          Map.of(
              "name", identity.name(),
              "spiffeId", identity.spiffeId(),
              "chain", List.of(BASE64.encodeToString(certificate.der())),
              "key", BASE64.encodeToString(certificate.key().getEncoded())));
    }
    return credentials;
  }

  /** The tests' rules name no users, groups or name spaces, and upstreams by their addresses. */
  private static final class NoNames implements HostResolver {
    @Override
    public OptionalLong uid(String name) {
      return OptionalLong.empty();
    }

    @Override
    public OptionalLong gid(String name) {
      return OptionalLong.empty();
    }

    @Override
    public OptionalLong cgroup(String path) {
      return OptionalLong.empty();
    }

    @Override
    public OptionalLong netns(String name) {
      return OptionalLong.empty();
    }

    @Override
    public Optional<InetAddress> address(String host) {
      try {
        return Optional.of(InetAddress.getByName(host));
      } catch (UnknownHostException e) {
        return Optional.empty();
      }
    }
  }
}
