// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake is told with its line, column, key and reason; all of a file at once. */
class BadRuleSetTest {
  private static final int CASES_AT_LEAST = 70;

  @ParameterizedTest
  @MethodSource("io.hauberk.rules.BadRuleSets#cases")
  void tellsEachMistake(BadRuleSets.Case bad) {
    byte[] text = bad.yaml().getBytes(StandardCharsets.UTF_8);
    RuleSetException e =
        catchThrowableOfType(
            RuleSetException.class,
            () -> RuleSetCompiler.compile("rules.yaml", text, BadRuleSets.HOST));
    assertThat(e).isNotNull();
    assertThat(e.getMessage().lines().map(line -> line.replaceFirst("^rules\\.yaml:", "")))
        .containsExactlyElementsOf(bad.expected());
  }

  @Test
  void thereAreEnoughCases() throws IOException {
    assertThat(BadRuleSets.cases()).hasSizeGreaterThan(CASES_AT_LEAST);
  }

  @Test
  void tellsWhereTheTextIsNotUtf8() {
    byte[] text = {'a', ':', ' ', '1', '\n', 'b', ':', ' ', (byte) 0xff, '\n'};
    RuleSetException e =
        catchThrowableOfType(RuleSetException.class, () -> RuleSetReader.read("rules.yaml", text));
    assertThat(e).hasMessage("rules.yaml:2:4: the file is not UTF-8");
  }
}
