// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.rules.CompiledRuleSet;
import io.hauberk.rules.Filter;
import io.hauberk.rules.FilterModule;
import io.hauberk.rules.RuleSet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A rule-set that may be pushed.
 *
 * @param file where it was read
 * @param text what it said, byte for byte
 * @param folder what the paths of modules are relative to
 */
public record Plan(Path file, byte[] text, Path folder, CompiledRuleSet compiled) {
  public Plan {
    text = text.clone();
  }

  @Override
  public byte[] text() {
    return text.clone();
  }

  /** The files of the modules of all filters. */
  public List<Path> modules() {
    return ruleSet().filters().stream().map(this::module).toList();
  }

  /** The file of a filter's module. */
  public Path module(Filter filter) {
    return folder.resolve(filter.module()).normalize();
  }

  /** Whether another one would give the kernel the same. */
  public boolean isSameAs(Plan other) {
    return Arrays.equals(text, other.text) && digests().equals(other.digests());
  }

  private List<String> digests() {
    return compiled.filters().modules().stream().map(FilterModule::digest).toList();
  }

  public RuleSet ruleSet() {
    return compiled.ruleSet();
  }
}
