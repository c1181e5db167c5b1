// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.Protocol;
import io.hauberk.device.RecordLayer;
import io.hauberk.device.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the model out of a document that was held against the schema, and checks what a schema
 * cannot say. What has a problem already is left out of the model.
 */
final class RuleSetBuilder {
  private static final Duration LIFETIME_MIN = Duration.ofSeconds(10);
  private static final Duration LIFETIME_MAX = Duration.ofDays(3650);

  private final Problems problems;
  private final Map<String, Position> positions = new HashMap<>();

  RuleSetBuilder(Problems problems) {
    this.problems = problems;
  }

  RuleSet build(Node.Mapping root) {
    remember(root, "");
    String trustDomain = problems.under("trustDomain") ? "" : text(root, "trustDomain").orElse("");
    Map<String, Position> identityNames = new LinkedHashMap<>();
    List<Identity> identities = identities(root, trustDomain, identityNames);
    Settings settings = settings(root);
    List<Filter> filters = filters(root);
    return new RuleSet(
        trustDomain,
        identities,
        filters,
        upstreams(root),
        rules(root, trustDomain, identityNames, protocols(root)),
        settings,
        new Source(problems.file(), positions));
  }

  private void remember(Node node, String path) {
    positions.put(path, node.position());
    if (node instanceof Node.Mapping mapping) {
      for (Node.Entry entry : mapping.entries()) {
        remember(entry.value(), path.isEmpty() ? entry.key() : path + "." + entry.key());
      }
    } else if (node instanceof Node.Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        remember(sequence.items().get(i), path + "[" + i + "]");
      }
    }
  }

  private List<Filter> filters(Node.Mapping root) {
    List<Filter> filters = new ArrayList<>();
    Map<String, Position> names = new LinkedHashMap<>();
    List<Node> items = checked(root, "filters");
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Node.Mapping mapping) {
        checkUnique(mapping, "filters[" + i + "]", names);
        new FilterBuilder(problems).filter(mapping, i).ifPresent(filters::add);
      }
    }
    return filters;
  }

  /** Of all filters that have a name, so that rules are not blamed for mistakes of filters. */
  private static Map<String, Protocol> protocols(Node.Mapping root) {
    Map<String, Protocol> protocols = new LinkedHashMap<>();
    for (Node item : items(root, "filters")) {
      if (item instanceof Node.Mapping mapping) {
        Protocol protocol = text(mapping, "protocol").flatMap(Protocol::of).orElse(Protocol.TCP);
        text(mapping, "name").ifPresent(name -> protocols.put(name, protocol));
      }
    }
    return protocols;
  }

  private List<Upstream> upstreams(Node.Mapping root) {
    List<Upstream> upstreams = new ArrayList<>();
    Map<String, Position> names = new LinkedHashMap<>();
    List<Node> items = checked(root, "upstreams");
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Node.Mapping mapping) {
        checkUnique(mapping, "upstreams[" + i + "]", names);
        new FilterBuilder(problems).upstream(mapping, i).ifPresent(upstreams::add);
      }
    }
    return upstreams;
  }

  private Settings settings(Node.Mapping root) {
    Settings defaults = Settings.DEFAULTS;
    Node.Mapping handshake = mapping(root, "handshake");
    Duration timeout =
        duration(
                handshake,
                "handshake",
                "timeout",
                Duration.ofMillis(Settings.TIMEOUT_MS_MIN),
                Duration.ofMillis(Settings.TIMEOUT_MS_MAX),
                "100ms to 10m")
            .orElse(Duration.ofMillis(defaults.handshakeTimeoutMs()));
    return new Settings(
        (int) timeout.toMillis(),
        number(handshake, "handshake", "max", defaults.handshakeMax()),
        number(handshake, "handshake", "ratePerSource", defaults.handshakeRate()),
        number(mapping(root, "sessions"), "sessions", "max", defaults.sessionMax()),
        text(root, "recordLayer").flatMap(RecordLayer::of).orElse(defaults.recordLayer()));
  }

  /** The mapping that a key has; an empty one if it is absent or wrong. */
  private static Node.Mapping mapping(Node.Mapping owner, String key) {
    return owner.get(key).orElse(null) instanceof Node.Mapping mapping
        ? mapping
        : new Node.Mapping(owner.position(), List.of());
  }

  /** A number that the schema bounds. */
  private int number(Node.Mapping owner, String path, String key, int absent) {
    return text(owner, key)
        .filter(text -> !problems.under(path + "." + key))
        .map(Integer::valueOf)
        .orElse(absent);
  }

  private Optional<Duration> duration(
      Node.Mapping owner, String path, String key, Duration least, Duration most, String bounds) {
    if (problems.under(path + "." + key)) {
      return Optional.empty();
    }
    Optional<Duration> duration = text(owner, key).map(Durations::parse);
    if (duration.filter(d -> d.compareTo(least) < 0 || d.compareTo(most) > 0).isPresent()) {
      String written = text(owner, key).orElseThrow();
      problems.add(
          owner.get(key).orElseThrow(), path + "." + key, written + " is not from " + bounds);
      return Optional.empty();
    }
    return duration;
  }

  private List<Identity> identities(
      Node.Mapping root, String trustDomain, Map<String, Position> names) {
    List<Identity> identities = new ArrayList<>();
    List<Node> items = checked(root, "identities");
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Node.Mapping mapping) {
        String path = "identities[" + i + "]";
        checkUnique(mapping, path, names);
        identity(mapping, path, trustDomain).ifPresent(identities::add);
      }
    }
    return identities;
  }

  private Optional<Identity> identity(Node.Mapping mapping, String path, String trustDomain) {
    checkSpiffeId(mapping, path + ".spiffeId", trustDomain);
    checkDnsNames(mapping, path + ".dnsNames");
    Optional<Duration> lifetime =
        duration(mapping, path, "lifetime", LIFETIME_MIN, LIFETIME_MAX, "10s to 3650d");
    if (problems.under(path)) {
      return Optional.empty();
    }
    return Optional.of(
        new Identity(
            text(mapping, "name").orElseThrow(),
            text(mapping, "spiffeId").orElseThrow(),
            texts(mapping, "dnsNames"),
            text(mapping, "key").flatMap(KeyType::of),
            lifetime));
  }

  private void checkSpiffeId(Node.Mapping mapping, String path, String trustDomain) {
    if (problems.under(path) || mapping.get("spiffeId").isEmpty()) {
      return;
    }
    String id = text(mapping, "spiffeId").orElseThrow();
    SpiffeIds.faultOfId(id)
        .or(
            () ->
                SpiffeIds.domain(id)
                    .filter(domain -> !trustDomain.isEmpty() && !domain.equals(trustDomain))
                    .map(domain -> "'" + id + "' is not in the trust domain " + trustDomain))
        .ifPresent(fault -> problems.add(positions.get(path), path, fault));
  }

  private void checkDnsNames(Node.Mapping mapping, String path) {
    List<Node> names = items(mapping, "dnsNames");
    for (int i = 0; i < names.size(); i++) {
      String where = path + "[" + i + "]";
      if (!problems.under(where)) {
        String name = ((Node.Scalar) names.get(i)).text();
        SpiffeIds.faultOfDnsName(name.startsWith("*.") ? name.substring(2) : name)
            .ifPresent(fault -> problems.add(positions.get(where), where, fault));
      }
    }
  }

  private void checkUnique(Node.Mapping mapping, String path, Map<String, Position> names) {
    if (problems.under(path + ".name")) {
      return;
    }
    mapping
        .get("name")
        .ifPresent(
            node -> {
              String name = ((Node.Scalar) node).text();
              Position first = names.putIfAbsent(name, node.position());
              if (first != null) {
                problems.add(
                    node,
                    path + ".name",
                    "the name '" + name + "' is taken already, in line " + first.line());
              }
            });
  }

  private List<Rule> rules(
      Node.Mapping root,
      String trustDomain,
      Map<String, Position> identityNames,
      Map<String, Protocol> filters) {
    List<Rule> rules = new ArrayList<>();
    Map<String, Position> names = new LinkedHashMap<>();
    List<Node> items = checked(root, "rules");
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Node.Mapping mapping) {
        String path = "rules[" + i + "]";
        checkUnique(mapping, path, names);
        new RuleBuilder(problems, mapping, i, trustDomain, identityNames, filters)
            .build()
            .ifPresent(rules::add);
      }
    }
    return rules;
  }

  /** The entries of a list of the document, unless the list itself has a problem. */
  private List<Node> checked(Node.Mapping root, String key) {
    return problems.at(key) ? List.of() : items(root, key);
  }

  private static List<Node> items(Node.Mapping owner, String key) {
    return owner.get(key).orElse(null) instanceof Node.Sequence sequence
        ? sequence.items()
        : List.of();
  }

  /** The entries of a list of texts, as they were written. */
  static List<String> texts(Node.Mapping owner, String key) {
    return items(owner, key).stream().map(node -> ((Node.Scalar) node).text()).toList();
  }

  static Optional<String> text(Node.Mapping owner, String key) {
    return owner
        .get(key)
        .filter(Node.Scalar.class::isInstance)
        .map(node -> ((Node.Scalar) node).text());
  }
}
