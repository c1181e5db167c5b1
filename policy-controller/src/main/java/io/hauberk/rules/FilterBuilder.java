// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.Isolation;
import io.hauberk.device.OnFailure;
import io.hauberk.device.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Makes filters, upstreams and the chains of rules out of what was held against the schema. */
final class FilterBuilder {
  /** Bytes of one configuration: it has to fit into one attribute of a frame. */
  static final int CONFIG_MAX = 61_440;

  private final Problems problems;

  FilterBuilder(Problems problems) {
    this.problems = problems;
  }

  /** The filter, or nothing if there is any problem in it. */
  Optional<Filter> filter(Node.Mapping mapping, int index) {
    String path = "filters[" + index + "]";
    String vmConfig = config(mapping, path, "vmConfig");
    if (problems.under(path)) {
      return Optional.empty();
    }
    return Optional.of(
        new Filter(
            index,
            RuleSetBuilder.text(mapping, "name").orElseThrow(),
            RuleSetBuilder.text(mapping, "module").orElseThrow(),
            vmConfig,
            RuleSetBuilder.text(mapping, "vmId"),
            RuleSetBuilder.text(mapping, "rootId"),
            RuleSetBuilder.text(mapping, "isolation")
                .flatMap(Isolation::of)
                .orElse(Isolation.SHARED),
            RuleSetBuilder.text(mapping, "protocol").flatMap(Protocol::of).orElse(Protocol.TCP),
            RuleSetBuilder.text(mapping, "budget")
                .map(budget -> OptionalLong.of(Long.parseLong(budget)))
                .orElse(OptionalLong.empty())));
  }

  /** The upstream, or nothing if there is any problem in it. */
  Optional<Upstream> upstream(Node.Mapping mapping, int index) {
    String path = "upstreams[" + index + "]";
    if (problems.under(path)) {
      return Optional.empty();
    }
    String address = RuleSetBuilder.text(mapping, "address").orElseThrow();
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    if (port < 1 || port > RuleBuilder.PORT_MAX) {
      problems.add(
          mapping.get("address").orElseThrow(),
          path + ".address",
          "the port " + port + " is not from 1 to " + RuleBuilder.PORT_MAX);
      return Optional.empty();
    }
    return Optional.of(
        new Upstream(
            index,
            RuleSetBuilder.text(mapping, "name").orElseThrow(),
            host.replaceAll("[\\[\\]]", ""),
            port));
  }

  /**
   * The chain of a rule.
   *
   * @param protocols of each filter that there is, by its name
   */
  List<FilterUse> chain(Node.Mapping rule, String path, Map<String, Protocol> protocols) {
    if (problems.at(path + ".filters")
        || !(rule.get("filters").orElse(null) instanceof Node.Sequence sequence)) {
      return List.of();
    }
    List<FilterUse> chain = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      if (sequence.items().get(i) instanceof Node.Mapping mapping) {
        use(mapping, path + ".filters[" + i + "]", protocols).ifPresent(chain::add);
      }
    }
    if (!problems.under(path + ".filters")) {
      checkProtocols(sequence, path + ".filters", chain, protocols);
    }
    return chain;
  }

  private Optional<FilterUse> use(
      Node.Mapping mapping, String path, Map<String, Protocol> protocols) {
    String config = config(mapping, path, "config");
    if (problems.under(path)) {
      return Optional.empty();
    }
    String name = RuleSetBuilder.text(mapping, "name").orElseThrow();
    if (!protocols.containsKey(name)) {
      problems.add(
          mapping.get("name").orElseThrow(),
          path + ".name",
          "no filter has the name '" + name + "'" + Suggestion.of(name, protocols.keySet()));
      return Optional.empty();
    }
    return Optional.of(
        new FilterUse(
            name,
            config,
            RuleSetBuilder.text(mapping, "onFailure")
                .flatMap(OnFailure::of)
                .orElse(OnFailure.CLOSED)));
  }

  private void checkProtocols(
      Node node, String path, List<FilterUse> chain, Map<String, Protocol> protocols) {
    Map<Protocol, TreeSet<String>> names =
        chain.stream()
            .map(FilterUse::filter)
            .collect(Collectors.groupingBy(protocols::get, Collectors.toCollection(TreeSet::new)));
    if (names.size() > 1) {
      problems.add(
          node,
          path,
          "all filters of a rule see the same: "
              + String.join(", ", names.get(Protocol.TCP))
              + " have protocol: tcp, "
              + String.join(", ", names.get(Protocol.HTTP))
              + " have protocol: http");
    }
  }

  /** A text as it is, a mapping as JSON, nothing as an empty text. */
  private String config(Node.Mapping owner, String path, String key) {
    Node node = owner.get(key).orElse(null);
    String where = path + "." + key;
    if (node == null || problems.under(where)) {
      return "";
    }
    String config = node instanceof Node.Scalar scalar ? scalar.text() : JsonText.of(node);
    int length = config.getBytes(StandardCharsets.UTF_8).length;
    if (length > CONFIG_MAX) {
      problems.add(node, where, "a configuration of " + length + " bytes; at most " + CONFIG_MAX);
    }
    return config;
  }
}
