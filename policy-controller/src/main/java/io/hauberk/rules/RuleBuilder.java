// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes one rule out of its mapping, which has the form that the schema wants. */
final class RuleBuilder {
  static final int PORT_MAX = 65_535;
  private static final long ID_MAX = 4_294_967_294L;
  private static final int COMM_MAX = 15;
  private static final List<String> STRICT_ONLY = List.of("identity", "serverName", "peers");
  private static final Pattern RANGE = Pattern.compile("([0-9]+)-([0-9]+)");

  private final Problems problems;
  private final Node.Mapping rule;
  private final int index;
  private final String path;
  private final String trustDomain;
  private final Map<String, Position> identityNames;

  RuleBuilder(
      Problems problems,
      Node.Mapping rule,
      int index,
      String trustDomain,
      Map<String, Position> identityNames) {
    this.problems = problems;
    this.rule = rule;
    this.index = index;
    this.path = "rules[" + index + "]";
    this.trustDomain = trustDomain;
    this.identityNames = identityNames;
  }

  Rule build() {
    Action action = action();
    Node.Mapping match = (Node.Mapping) rule.get("match").orElseThrow();
    Direction direction =
        RuleSetBuilder.text(match, "direction").orElseThrow().equals(Direction.INBOUND.label())
            ? Direction.INBOUND
            : Direction.OUTBOUND;
    return new Rule(
        index,
        RuleSetBuilder.text(rule, "name").orElseThrow(),
        match(match, direction),
        action,
        identity(action),
        serverName(direction),
        peers(action));
  }

  private Action action() {
    String tls = RuleSetBuilder.text(rule, "tls").orElse("strict");
    if (RuleSetBuilder.text(rule, "action").orElse("allow").equals("deny")) {
      refuse(List.of("tls"), "a rule with action: deny");
      refuse(STRICT_ONLY, "a rule with action: deny");
      return Action.DENY;
    }
    if (tls.equals("off")) {
      refuse(STRICT_ONLY, "a rule with tls: off");
      return Action.OFF;
    }
    if (tls.equals("permissive")) {
      problems.add(
          rule.get("tls").orElseThrow(),
          path + ".tls",
          "tls: permissive is not available in this version");
    }
    return Action.STRICT;
  }

  private void refuse(List<String> keys, String owner) {
    for (Node.Entry entry : rule.entries()) {
      if (keys.contains(entry.key())) {
        problems.add(
            entry.position(),
            path + "." + entry.key(),
            owner + " cannot have the key '" + entry.key() + "'");
      }
    }
  }

  private Optional<String> identity(Action action) {
    Optional<String> name = RuleSetBuilder.text(rule, "identity");
    if (action != Action.STRICT) {
      return Optional.empty();
    }
    if (name.isEmpty()) {
      problems.add(rule, path, "the key 'identity' is missing: a rule with tls: strict needs one");
    }
    name.filter(n -> !identityNames.containsKey(n))
        .ifPresent(
            n ->
                problems.add(
                    rule.get("identity").orElseThrow(),
                    path + ".identity",
                    "no identity has the name '"
                        + n
                        + "'"
                        + Suggestion.of(n, identityNames.keySet())));
    return name;
  }

  private Optional<String> serverName(Direction direction) {
    Optional<String> name = RuleSetBuilder.text(rule, "serverName");
    name.ifPresent(
        n -> {
          Node node = rule.get("serverName").orElseThrow();
          SpiffeIds.faultOfDnsName(n)
              .ifPresent(message -> problems.add(node, path + ".serverName", message));
          if (direction == Direction.INBOUND) {
            problems.add(
                node, path + ".serverName", "only an outbound rule can have a server name");
          }
        });
    return name;
  }

  private List<String> peers(Action action) {
    if (action != Action.STRICT) {
      return List.of();
    }
    if (!(rule.get("peers").orElse(null) instanceof Node.Mapping peers)) {
      return List.of("spiffe://" + trustDomain + "/*");
    }
    List<String> patterns = RuleSetBuilder.texts(peers, "allow");
    each(
        peers,
        "allow",
        path + ".peers.",
        pattern ->
            SpiffeIds.faultOfPattern(pattern)
                .ifPresent(
                    fault -> {
                      throw new IllegalArgumentException(fault);
                    }));
    return patterns.stream().distinct().toList();
  }

  private Match match(Node.Mapping match, Direction direction) {
    String in = path + ".match.";
    List<Range> ports = new ArrayList<>();
    each(match, "ports", in, port -> ports.add(range(port, 1, PORT_MAX)));
    List<Cidr> cidrs = new ArrayList<>();
    each(match, "cidr", in, cidr -> cidrs.add(Cidr.parse(cidr)));
    each(match, "uid", in, RuleBuilder::checkOwner);
    each(match, "gid", in, RuleBuilder::checkOwner);
    each(match, "comm", in, RuleBuilder::checkComm);
    each(match, "cgroup", in, RuleBuilder::checkCgroup);
    return new Match(
        direction,
        ports,
        cidrs,
        RuleSetBuilder.texts(match, "uid"),
        RuleSetBuilder.texts(match, "gid"),
        RuleSetBuilder.texts(match, "comm"),
        RuleSetBuilder.texts(match, "cgroup"),
        RuleSetBuilder.texts(match, "netns"));
  }

  /**
   * What is done with one entry; throws IllegalArgumentException with a sentence if it is wrong.
   */
  private interface Taker {
    void take(String text);
  }

  private void each(Node.Mapping owner, String key, String in, Taker taker) {
    if (!(owner.get(key).orElse(null) instanceof Node.Sequence sequence)) {
      return;
    }
    for (int i = 0; i < sequence.items().size(); i++) {
      Node.Scalar item = (Node.Scalar) sequence.items().get(i);
      try {
        taker.take(item.text());
      } catch (IllegalArgumentException e) {
        problems.add(item, in + key + "[" + i + "]", e.getMessage());
      }
    }
  }

  /** Reads {@code 8000} or {@code 8080-8090}. */
  static Range range(String text, long least, long most) {
    Matcher matcher = RANGE.matcher(text);
    boolean wide = matcher.matches();
    long low = Long.parseLong(wide ? matcher.group(1) : text);
    long high = wide ? Long.parseLong(matcher.group(2)) : low;
    if (low > high) {
      throw new IllegalArgumentException("the range " + text + " is upside down");
    }
    if (low < least || high > most) {
      throw new IllegalArgumentException(text + " is not within " + least + " to " + most);
    }
    return new Range(low, high);
  }

  /** A user or group that is written as a number or a range; empty if it is a name. */
  static Optional<Range> ownerRange(String text) {
    return Character.isDigit(text.charAt(0))
        ? Optional.of(range(text, 0, ID_MAX))
        : Optional.empty();
  }

  private static void checkOwner(String text) {
    ownerRange(text);
  }

  private static void checkComm(String text) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new IllegalArgumentException("a process name is empty or has a control character");
    }
    if (length > COMM_MAX) {
      String kept =
          new String(
              Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), COMM_MAX),
              StandardCharsets.UTF_8);
      throw new IllegalArgumentException(
          "'" + text + "' is too long: the kernel keeps 15 bytes of it, '" + kept + "'");
    }
  }

  private static void checkCgroup(String text) {
    for (String segment : text.split("/")) {
      if (segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException("the path '" + text + "' has the segment " + segment);
      }
    }
  }
}
