// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A rule whose names are this machine's numbers. An empty list leaves a dimension unconstrained;
 * the ports are never empty.
 *
 * @param cgroupPaths the control groups by path, beside their ids: only a path tells what is below
 *     it
 */
record ResolvedRule(
    Rule rule,
    List<Range> ports,
    List<Cidr> cidrs,
    List<Range> uids,
    List<Range> gids,
    List<String> comms,
    List<String> cgroupPaths,
    List<Long> cgroups,
    List<Long> netns) {

  static final List<Range> ANY_PORT = List.of(new Range(1, RuleBuilder.PORT_MAX));

  /**
   * The order in which rules are tried, as docs/rules.md defines it. A rule that matches a part of
   * what another one matches comes before it, unless that other one denies.
   */
  static final Comparator<ResolvedRule> PRECEDENCE =
      Comparator.comparing((ResolvedRule r) -> r.rule.match().direction())
          .thenComparing(r -> r.rule.action() != Action.DENY)
          .thenComparing(ResolvedRule::constraints, Comparator.reverseOrder())
          .thenComparing(r -> Ranges.size(r.ports))
          .thenComparing(ResolvedRule::addresses)
          .thenComparing(r -> Ranges.size(r.uids))
          .thenComparing(r -> Ranges.size(r.gids))
          .thenComparing(r -> r.comms.size())
          .thenComparing(ResolvedRule::cgroupDepth, Comparator.reverseOrder())
          .thenComparing(r -> r.netns.size())
          .thenComparing(r -> r.rule.index());

  ResolvedRule {
    ports = List.copyOf(ports);
    cidrs = List.copyOf(cidrs);
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
    comms = List.copyOf(comms);
    cgroupPaths = List.copyOf(cgroupPaths);
    cgroups = List.copyOf(cgroups);
    netns = List.copyOf(netns);
  }

  /** Whether this rule matches every connection of the other one that has a port of this one. */
  boolean coversBesidesPorts(ResolvedRule other) {
    return rule.match().direction() == other.rule.match().direction()
        && covers(cidrs, other.cidrs, ResolvedRule::blocksCover)
        && covers(uids, other.uids, Ranges::covers)
        && covers(gids, other.gids, Ranges::covers)
        && covers(comms, other.comms, List::containsAll)
        && covers(cgroupPaths, other.cgroupPaths, ResolvedRule::groupsCover)
        && covers(netns, other.netns, List::containsAll);
  }

  private static <T> boolean covers(
      List<T> set, List<T> other, BiPredicate<List<T>, List<T>> contains) {
    return set.isEmpty() || (!other.isEmpty() && contains.test(set, other));
  }

  private static boolean blocksCover(List<Cidr> set, List<Cidr> other) {
    return other.stream().allMatch(o -> set.stream().anyMatch(s -> s.covers(o)));
  }

  private static boolean groupsCover(List<String> set, List<String> other) {
    return other.stream().allMatch(o -> set.stream().anyMatch(s -> isAtOrAbove(s, o)));
  }

  private static boolean isAtOrAbove(String above, String below) {
    return above.equals(below) || above.equals("/") || below.startsWith(above + "/");
  }

  private long constraints() {
    return Stream.<Function<ResolvedRule, List<?>>>of(
            r -> r.ports.equals(ANY_PORT) ? List.of() : r.ports,
            r -> r.cidrs,
            r -> r.uids,
            r -> r.gids,
            r -> r.comms,
            r -> r.cgroupPaths,
            r -> r.netns)
        .filter(dimension -> !dimension.apply(this).isEmpty())
        .count();
  }

  private BigInteger addresses() {
    return cidrs.stream().map(Cidr::size).reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** How deep the least deep control group lies. */
  private int cgroupDepth() {
    return cgroupPaths.stream()
        .mapToInt(path -> path.equals("/") ? 0 : (int) path.chars().filter(c -> c == '/').count())
        .min()
        .orElse(0);
  }
}
