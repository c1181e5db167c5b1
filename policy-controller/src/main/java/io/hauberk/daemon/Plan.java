// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.rules.CompiledRuleSet;
import io.hauberk.rules.RuleSet;
import java.nio.file.Path;

/**
 * A rule-set that may be pushed.
 *
 * @param file where it was read
 * @param text what it said, byte for byte
 */
public record Plan(Path file, byte[] text, CompiledRuleSet compiled) {
  public Plan {
    text = text.clone();
  }

  @Override
  public byte[] text() {
    return text.clone();
  }

  public RuleSet ruleSet() {
    return compiled.ruleSet();
  }
}
