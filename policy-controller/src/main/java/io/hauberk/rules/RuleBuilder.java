// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.Protocol;
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
  private static final List<String> OFF_WITHOUT =
      List.of("onTls", "identity", "serverName", "peers");
  private static final List<String> DENY_WITHOUT =
      List.of("tls", "onTls", "identity", "serverName", "peers", "filters");
  private static final Pattern RANGE = Pattern.compile("([0-9]+)-([0-9]+)");

  private final Problems problems;
  private final Node.Mapping rule;
  private final int index;
  private final String path;
  private final String trustDomain;
  private final Map<String, Position> identityNames;
  private final Map<String, Protocol> filters;

  RuleBuilder(
      Problems problems,
      Node.Mapping rule,
      int index,
      String trustDomain,
      Map<String, Position> identityNames,
      Map<String, Protocol> filters) {
    this.problems = problems;
    this.rule = rule;
    this.index = index;
    this.path = "rules[" + index + "]";
    this.trustDomain = trustDomain;
    this.identityNames = identityNames;
    this.filters = filters;
  }

  /** The rule, or nothing if there is any problem in it. */
  Optional<Rule> build() {
    Node.Mapping match =
        rule.get("match").orElse(null) instanceof Node.Mapping mapping
            ? mapping
            : new Node.Mapping(rule.position(), List.of());
    Optional<Direction> direction =
        text(match, path + ".match", "direction").flatMap(Direction::of);
    Optional<Action> action = action(direction);
    Optional<String> identity = identity(action);
    Optional<String> serverName = serverName(direction);
    List<String> peers = peers();
    List<FilterUse> chain = new FilterBuilder(problems).chain(rule, path, filters);
    checkMatch(match);
    if (problems.under(path)) {
      return Optional.empty();
    }
    return Optional.of(
        new Rule(
            index,
            text(rule, path, "name").orElseThrow(),
            match(match, direction.orElseThrow()),
            action.orElseThrow(),
            text(rule, path, "onTls").flatMap(OnTls::of).orElse(OnTls.REFUSE),
            identity,
            serverName,
            action.get().speaksTls() ? peers : List.of(),
            chain));
  }

  /** A text that the schema has nothing against. */
  private Optional<String> text(Node.Mapping owner, String in, String key) {
    return problems.under(in + "." + key) ? Optional.empty() : RuleSetBuilder.text(owner, key);
  }

  /** What the rule does, unless the keys that say so are wrong themselves. */
  private Optional<Action> action(Optional<Direction> direction) {
    if (problems.under(path + ".action") || problems.under(path + ".tls")) {
      return Optional.empty();
    }
    if (text(rule, path, "action").orElse("allow").equals("deny")) {
      refuse(DENY_WITHOUT, "a rule with action: deny");
      return Optional.of(Action.DENY);
    }
    String tls = text(rule, path, "tls").orElse("strict");
    if (tls.equals("off")) {
      refuse(OFF_WITHOUT, "a rule with tls: off");
      return Optional.of(Action.OFF);
    }
    if (tls.equals("permissive")) {
      refuseOutbound(direction);
      return Optional.of(Action.PERMISSIVE);
    }
    return Optional.of(Action.STRICT);
  }

  private void refuseOutbound(Optional<Direction> direction) {
    if (direction.equals(Optional.of(Direction.OUTBOUND))) {
      problems.add(
          rule.get("tls").orElseThrow(),
          path + ".tls",
          "only an inbound rule can be permissive: it is the side that connects that says whether"
              + " TLS is spoken");
    }
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

  private Optional<String> identity(Optional<Action> action) {
    action
        .filter(a -> a.speaksTls() && rule.get("identity").isEmpty())
        .ifPresent(
            a ->
                problems.add(
                    rule,
                    path,
                    "the key 'identity' is missing: a rule with tls: " + a.label() + " needs one"));
    Optional<String> name = text(rule, path, "identity");
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

  private Optional<String> serverName(Optional<Direction> direction) {
    Optional<String> name = text(rule, path, "serverName");
    name.ifPresent(
        n -> {
          Node node = rule.get("serverName").orElseThrow();
          SpiffeIds.faultOfDnsName(n)
              .ifPresent(fault -> problems.add(node, path + ".serverName", fault));
          if (direction.equals(Optional.of(Direction.INBOUND))) {
            problems.add(
                node, path + ".serverName", "only an outbound rule can have a server name");
          }
        });
    return name;
  }

  private List<String> peers() {
    if (!(rule.get("peers").orElse(null) instanceof Node.Mapping peers)) {
      return List.of("spiffe://" + trustDomain + "/*");
    }
    List<String> patterns = new ArrayList<>();
    each(
        peers,
        "allow",
        path + ".peers.",
        pattern -> {
          Optional<String> fault = SpiffeIds.faultOfPattern(pattern);
          if (fault.isPresent()) {
            throw new IllegalArgumentException(fault.get());
          }
          patterns.add(pattern);
        });
    return patterns.stream().distinct().toList();
  }

  private void checkMatch(Node.Mapping match) {
    String in = path + ".match.";
    each(match, "ports", in, RuleBuilder::portRange);
    each(match, "cidr", in, Cidr::parse);
    each(match, "uid", in, RuleBuilder::ownerRange);
    each(match, "gid", in, RuleBuilder::ownerRange);
    each(match, "comm", in, RuleBuilder::checkComm);
    each(match, "cgroup", in, RuleBuilder::checkCgroup);
  }

  private static Match match(Node.Mapping match, Direction direction) {
    return new Match(
        direction,
        RuleSetBuilder.texts(match, "ports").stream().map(RuleBuilder::portRange).toList(),
        RuleSetBuilder.texts(match, "cidr").stream().map(Cidr::parse).toList(),
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
      String where = in + key + "[" + i + "]";
      if (!problems.under(where) && sequence.items().get(i) instanceof Node.Scalar item) {
        try {
          taker.take(item.text());
        } catch (IllegalArgumentException e) {
          problems.add(item, where, e.getMessage());
        }
      }
    }
  }

  private static Range portRange(String text) {
    return range(text, 1, PORT_MAX);
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
