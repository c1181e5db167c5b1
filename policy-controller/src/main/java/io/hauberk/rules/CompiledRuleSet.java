// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.List;

/**
 * A rule-set in the form that the kernel takes.
 *
 * @param ruleSet what was compiled
 * @param ordered the rules in the order of precedence, as they stand in the table
 * @param table the binary decision table
 * @param filters the filters that rules use, with their modules
 * @param warnings what is right but probably not meant, in the order of the file
 */
public record CompiledRuleSet(
    RuleSet ruleSet, List<Rule> ordered, byte[] table, FilterPlan filters, List<Problem> warnings) {

  public CompiledRuleSet {
    ordered = List.copyOf(ordered);
    warnings = List.copyOf(warnings);
  }
}
