// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.wasm.ModuleFiles;
import io.hauberk.wasm.ModuleSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Orders rules by precedence, refuses those that can never match, and writes the decision table.
 */
public final class RuleSetCompiler {
  /** Where modules are looked for, and by whom, if nobody says anything else. */
  private static final Path FOLDER = Path.of("");

  private static final ModuleSource MODULES = new ModuleFiles(Optional.empty());

  private final RuleSet ruleSet;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  private RuleSetCompiler(RuleSet ruleSet) {
    this.ruleSet = ruleSet;
  }

  /**
   * Compiles what was read.
   *
   * @throws RuleSetException with all mistakes, if there is any
   */
  public static CompiledRuleSet compile(RuleSet ruleSet, HostResolver host) {
    return compile(ruleSet, host, FOLDER, MODULES, List.of());
  }

  /**
   * Reads and compiles a text, and tells the mistakes of both at once.
   *
   * @param file the name that mistakes are told with
   * @throws RuleSetException with all mistakes, if there is any
   */
  public static CompiledRuleSet compile(String file, byte[] text, HostResolver host) {
    return compile(file, text, host, FOLDER, MODULES);
  }

  /**
   * Reads and compiles a text, and tells the mistakes of both at once.
   *
   * @param file the name that mistakes are told with
   * @param folder what the paths of modules are relative to
   * @throws RuleSetException with all mistakes, if there is any
   */
  public static CompiledRuleSet compile(
      String file, byte[] text, HostResolver host, Path folder, ModuleSource modules) {
    Problems problems = new Problems(file);
    Optional<RuleSet> ruleSet = RuleSetReader.parse(text, problems);
    if (ruleSet.isEmpty()) {
      throw new RuleSetException(problems.found());
    }
    return compile(ruleSet.get(), host, folder, modules, problems.found());
  }

  private static CompiledRuleSet compile(
      RuleSet ruleSet, HostResolver host, Path folder, ModuleSource modules, List<Problem> found) {
    RuleSetCompiler compiler = new RuleSetCompiler(ruleSet);
    compiler.problems.addAll(found);
    return compiler.run(host, folder, modules);
  }

  private CompiledRuleSet run(HostResolver host, Path folder, ModuleSource modules) {
    RuleResolver resolver = new RuleResolver(host, ruleSet.source(), problems);
    List<ResolvedRule> ordered =
        ruleSet.rules().stream()
            .map(resolver::resolve)
            .flatMap(Optional::stream)
            .sorted(ResolvedRule.PRECEDENCE)
            .toList();
    refuseShadowed(ordered);
    FilterPlan filters = new FilterResolver(ruleSet, folder, problems).resolve(modules, host);
    byte[] table = table(ordered, filters);
    if (!problems.isEmpty()) {
      throw new RuleSetException(problems);
    }
    warn(ordered);
    return new CompiledRuleSet(
        ruleSet,
        ordered.stream().map(ResolvedRule::rule).toList(),
        table,
        filters,
        warnings.stream().sorted().toList());
  }

  private byte[] table(List<ResolvedRule> ordered, FilterPlan filters) {
    try {
      return new TableWriter(ordered, filters.names()).write();
    } catch (TableWriter.TooLongException e) {
      problems.add(ruleSet.source().problem("rules", e.getMessage()));
      return new byte[0];
    }
  }

  private void refuseShadowed(List<ResolvedRule> ordered) {
    for (int i = 0; i < ordered.size(); i++) {
      ResolvedRule rule = ordered.get(i);
      List<ResolvedRule> by = shadow(rule, ordered.subList(0, i));
      if (!by.isEmpty()) {
        problems.add(ruleSet.source().problem(rule.rule().path(), shadowed(rule, by)));
      }
    }
  }

  /** The rule, or else the rules together, that leave nothing for this one to match. */
  private static List<ResolvedRule> shadow(ResolvedRule rule, List<ResolvedRule> earlier) {
    List<ResolvedRule> touching = new ArrayList<>();
    List<Range> ports = new ArrayList<>();
    for (ResolvedRule first : earlier) {
      if (Ranges.overlap(first.ports(), rule.ports()) && first.coversBesidesPorts(rule)) {
        if (Ranges.covers(first.ports(), rule.ports())) {
          return List.of(first);
        }
        touching.add(first);
        ports.addAll(first.ports());
      }
    }
    return Ranges.covers(Ranges.union(ports), rule.ports()) ? touching : List.of();
  }

  private String shadowed(ResolvedRule rule, List<ResolvedRule> by) {
    String names =
        by.stream()
            .map(ResolvedRule::rule)
            .sorted(Comparator.comparingInt(Rule::index))
            .map(r -> "'" + r.name() + "' (line " + ruleSet.source().at(r.path()).line() + ")")
            .collect(Collectors.joining(", "));
    return "the rule '"
        + rule.rule().name()
        + "' can never match: "
        + (by.size() == 1 ? "the rule " : "the rules ")
        + names
        + (by.size() == 1 ? " comes first and matches" : " come first and together match")
        + " all that it would";
  }

  private void warn(List<ResolvedRule> ordered) {
    Set<String> used = new HashSet<>();
    for (ResolvedRule rule : ordered) {
      rule.rule().identity().ifPresent(used::add);
      warnOfEverything(rule);
      warnOfForeignPeers(rule.rule());
    }
    for (int i = 0; i < ruleSet.identities().size(); i++) {
      String name = ruleSet.identities().get(i).name();
      if (!used.contains(name)) {
        String path = "identities[" + i + "]";
        warnings.add(ruleSet.source().problem(path, "no rule uses the identity '" + name + "'"));
      }
    }
    warnOfUnusedFilters();
  }

  private void warnOfUnusedFilters() {
    Set<String> used =
        ruleSet.rules().stream()
            .flatMap(rule -> rule.filters().stream())
            .map(FilterUse::filter)
            .collect(Collectors.toSet());
    for (Filter filter : ruleSet.filters()) {
      if (!used.contains(filter.name())) {
        warnings.add(
            ruleSet
                .source()
                .problem(filter.path(), "no rule uses the filter '" + filter.name() + "'"));
      }
    }
  }

  private void warnOfEverything(ResolvedRule rule) {
    boolean everything =
        rule.ports().equals(ResolvedRule.ANY_PORT)
            && rule.cidrs().isEmpty()
            && rule.uids().isEmpty()
            && rule.gids().isEmpty()
            && rule.comms().isEmpty()
            && rule.cgroups().isEmpty()
            && rule.netns().isEmpty();
    boolean touches = rule.rule().action() != Action.OFF || !rule.rule().filters().isEmpty();
    if (everything && touches) {
      warnings.add(
          ruleSet
              .source()
              .problem(
                  rule.rule().path() + ".match",
                  "this matches every "
                      + rule.rule().match().direction().label()
                      + " TCP connection of the machine, ssh too"));
    }
  }

  private void warnOfForeignPeers(Rule rule) {
    for (String pattern : rule.peers()) {
      SpiffeIds.domain(pattern)
          .filter(domain -> !domain.equals(ruleSet.trustDomain()))
          .ifPresent(
              domain ->
                  warnings.add(
                      ruleSet
                          .source()
                          .problem(
                              rule.path() + ".peers",
                              "'"
                                  + pattern
                                  + "' is of the trust domain "
                                  + domain
                                  + ", and only certificates of this rule-set's own CA are"
                                  + " trusted")));
    }
  }
}
