// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Turns the names in rules into this machine's numbers, and sets into their shortest form. */
final class RuleResolver {
  private static final long ID_COUNT = 4_294_967_295L;

  private final HostResolver host;
  private final Source source;
  private final List<Problem> problems;

  RuleResolver(HostResolver host, Source source, List<Problem> problems) {
    this.host = host;
    this.source = source;
    this.problems = problems;
  }

  /** The rule, or nothing if a name is unknown; then a problem says which. */
  Optional<ResolvedRule> resolve(Rule rule) {
    int before = problems.size();
    Match match = rule.match();
    String path = rule.path() + ".match.";
    ResolvedRule resolved =
        new ResolvedRule(
            rule,
            match.ports().isEmpty() ? ResolvedRule.ANY_PORT : Ranges.union(match.ports()),
            blocks(match.cidrs()),
            owners(match.uids(), path + "uid", "user", host::uid),
            owners(match.gids(), path + "gid", "group", host::gid),
            distinct(match.comms()),
            distinct(match.cgroups()),
            numbers(match.cgroups(), path + "cgroup", "control group", host::cgroup),
            numbers(match.netns(), path + "netns", "network namespace", host::netns));
    return problems.size() == before ? Optional.of(resolved) : Optional.empty();
  }

  /** Without the blocks that lie in others; a block of everything is no constraint. */
  private static List<Cidr> blocks(List<Cidr> cidrs) {
    List<Cidr> distinct = distinct(cidrs);
    if (distinct.stream().anyMatch(cidr -> cidr.prefix() == 0)) {
      return List.of();
    }
    return distinct.stream()
        .filter(
            inner -> distinct.stream().noneMatch(outer -> outer != inner && outer.covers(inner)))
        .toList();
  }

  private List<Range> owners(
      List<String> written, String path, String what, Function<String, OptionalLong> lookUp) {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      String name = written.get(i);
      Optional<Range> range = RuleBuilder.ownerRange(name);
      if (range.isPresent()) {
        ranges.add(range.get());
      } else {
        lookUp(name, path + "[" + i + "]", what, lookUp)
            .ifPresent(id -> ranges.add(new Range(id, id)));
      }
    }
    List<Range> union = Ranges.union(ranges);
    return Ranges.size(union) == ID_COUNT ? List.of() : union;
  }

  private List<Long> numbers(
      List<String> written, String path, String what, Function<String, OptionalLong> lookUp) {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      lookUp(written.get(i), path + "[" + i + "]", what, lookUp).ifPresent(numbers::add);
    }
    return distinct(numbers);
  }

  private OptionalLong lookUp(
      String name, String path, String what, Function<String, OptionalLong> lookUp) {
    OptionalLong number = lookUp.apply(name);
    if (number.isEmpty()) {
      problems.add(source.problem(path, "this machine has no " + what + " '" + name + "'"));
    }
    return number;
  }

  private static <T> List<T> distinct(List<T> list) {
    return List.copyOf(new LinkedHashSet<>(list));
  }
}
