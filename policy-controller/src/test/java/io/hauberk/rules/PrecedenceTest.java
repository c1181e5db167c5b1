// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.device.Settings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random rule-sets over a world so small that every connection of it can be tried: the table
 * decides as the plain definition does, and no rule is refused that would decide anything.
 */
class PrecedenceTest {
  private static final int ROUNDS = 400;
  private static final int PORTS = 5;
  private static final List<String> COMMS = List.of("a", "b", "c");
  private static final int RULES_OFFSET = 16;

  private record Flow(Direction direction, int port, long uid, String comm) {}

  private static List<Flow> world() {
    List<Flow> flows = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      for (int port = 1; port <= PORTS; port++) {
        for (long uid = 0; uid < 3; uid++) {
          for (String comm : COMMS) {
            flows.add(new Flow(direction, port, uid, comm));
          }
        }
      }
    }
    return flows;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theTableDecidesAsTheDefinitionDoes(long seed) {
    Random random = new Random(seed);
    int compiled = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Rule> rules = rules(random);
      Set<Integer> refused = new HashSet<>();
      Optional<CompiledRuleSet> result = compile(rules, refused);
      if (result.isPresent()) {
        compiled++;
        checkDecisions(result.get());
      }
      for (Flow flow : world()) {
        assertThat(refused).doesNotContain(decision(rules, flow).orElse(-1));
      }
    }
    assertThat(compiled).isGreaterThan(ROUNDS / 10);
  }

  @Test
  void aRuleThatMatchesAPartOfAnotherComesFirst() {
    Random random = new Random(5);
    for (int round = 0; round < 20 * ROUNDS; round++) {
      List<ResolvedRule> two =
          rules(random).stream().limit(2).map(PrecedenceTest::resolved).toList();
      ResolvedRule a = two.get(0);
      ResolvedRule b = two.get(two.size() - 1);
      boolean part =
          b.coversBesidesPorts(a)
              && Ranges.covers(b.ports(), a.ports())
              && !(a.coversBesidesPorts(b) && Ranges.covers(a.ports(), b.ports()));
      if (part && (a.rule().action() == Action.DENY) == (b.rule().action() == Action.DENY)) {
        assertThat(ResolvedRule.PRECEDENCE.compare(a, b)).as("%s%n%s", a, b).isNegative();
      }
    }
  }

  private static ResolvedRule resolved(Rule rule) {
    return new RuleResolver(BadRuleSets.HOST, new Source("rules", Map.of()), new ArrayList<>())
        .resolve(rule)
        .orElseThrow();
  }

  private static Optional<CompiledRuleSet> compile(List<Rule> rules, Set<Integer> refused) {
    RuleSet ruleSet =
        new RuleSet(
            "example.org",
            List.of(),
            List.of(),
            List.of(),
            rules,
            Settings.DEFAULTS,
            new Source("rules", Map.of()));
    try {
      return Optional.of(RuleSetCompiler.compile(ruleSet, BadRuleSets.HOST));
    } catch (RuleSetException e) {
      e.problems().forEach(p -> refused.add(Integer.valueOf(p.path().replaceAll("\\D", ""))));
      return Optional.empty();
    }
  }

  private static List<Rule> rules(Random random) {
    List<Rule> rules = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      int low = 1 + random.nextInt(PORTS);
      int high = low + random.nextInt(PORTS - low + 1);
      Action action = random.nextInt(4) == 0 ? Action.DENY : Action.STRICT;
      rules.add(
          new Rule(
              i,
              "r" + i,
              new Match(
                  random.nextBoolean() ? Direction.INBOUND : Direction.OUTBOUND,
                  List.of(new Range(low, high)),
                  List.of(),
                  random.nextBoolean() ? List.of() : List.of(random.nextInt(2) + "-2"),
                  List.of(),
                  random.nextBoolean() ? List.of() : COMMS.subList(0, 1 + random.nextInt(2)),
                  List.of(),
                  List.of()),
              action,
              OnTls.REFUSE,
              Optional.of("web"),
              Optional.empty(),
              List.of("spiffe://example.org/*"),
              List.of()));
    }
    return rules;
  }

  private static void checkDecisions(CompiledRuleSet compiled) {
    for (Flow flow : world()) {
      OptionalInt byTable = byTable(compiled, flow);
      OptionalInt byDefinition = decision(compiled.ruleSet().rules(), flow);
      assertThat(byTable).as("%s %s", flow, compiled.ordered()).isEqualTo(byDefinition);
    }
  }

  /** The index of the rule that the definition of precedence chooses. */
  private static OptionalInt decision(List<Rule> rules, Flow flow) {
    return rules.stream()
        .filter(rule -> holds(rule, flow) && portHolds(rule, flow))
        .map(PrecedenceTest::resolved)
        .min(ResolvedRule.PRECEDENCE)
        .map(rule -> OptionalInt.of(rule.rule().index()))
        .orElse(OptionalInt.empty());
  }

  private static boolean portHolds(Rule rule, Flow flow) {
    return rule.match().ports().stream()
        .anyMatch(range -> range.low() <= flow.port() && flow.port() <= range.high());
  }

  private static boolean holds(Rule rule, Flow flow) {
    Match match = rule.match();
    boolean uid =
        match.uids().isEmpty() || Long.parseLong(match.uids().get(0).split("-")[0]) <= flow.uid();
    boolean comm = match.comms().isEmpty() || match.comms().contains(flow.comm());
    return match.direction() == flow.direction() && uid && comm;
  }

  /**
   * Finds the span of the port in the table and its first candidate that holds, as the kernel does.
   */
  private static OptionalInt byTable(CompiledRuleSet compiled, Flow flow) {
    ByteBuffer table = ByteBuffer.wrap(compiled.table()).order(ByteOrder.LITTLE_ENDIAN);
    int inbound = table.getInt(12);
    int spans = table.getInt(RULES_OFFSET + 8);
    int spanCount = table.getInt(RULES_OFFSET + 12);
    int candidates = table.getInt(RULES_OFFSET + 16);
    boolean in = flow.direction() == Direction.INBOUND;
    for (int i = in ? 0 : inbound; i < (in ? inbound : spanCount); i++) {
      int at = spans + 16 * i;
      if (table.getInt(at) <= flow.port() && flow.port() <= table.getInt(at + 4)) {
        int first = table.getInt(at + 8);
        return Stream.iterate(first, c -> c < first + table.getInt(at + 12), c -> c + 1)
            .map(c -> compiled.ordered().get(table.getInt(candidates + 4 * c)))
            .filter(rule -> holds(rule, flow))
            .map(rule -> OptionalInt.of(rule.index()))
            .findFirst()
            .orElse(OptionalInt.empty());
      }
    }
    return OptionalInt.empty();
  }
}
