// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every mistake is told with its line, column, key and reason; all of a file at once. */
class BadRuleSetTest {
  private static final int CASES_AT_LEAST = 70;
  private static final int MUTANTS = 1500;

  @ParameterizedTest
  @MethodSource("io.hauberk.rules.BadRuleSets#cases")
  void tellsEachMistake(BadRuleSets.Case bad) {
    byte[] text = bad.yaml().getBytes(StandardCharsets.UTF_8);
    RuleSetException e =
        catchThrowableOfType(RuleSetException.class, () -> BadRuleSets.compile(text));
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
        catchThrowableOfType(RuleSetException.class, () -> BadRuleSets.compile(text));
    assertThat(e).hasMessage("rules.yaml:2:4: the file is not UTF-8");
  }

  /** Whatever a file holds, it is compiled or refused with mistakes, and nothing else happens. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void survivesAnything(long seed) throws IOException {
    Random random = new Random(seed);
    List<byte[]> texts =
        BadRuleSets.cases().map(bad -> bad.yaml().getBytes(StandardCharsets.UTF_8)).toList();
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      try {
        BadRuleSets.compile(mutant(texts, random));
      } catch (RuleSetException e) {
        assertThat(e.problems()).isNotEmpty();
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  /** One text with a few of its pieces replaced by pieces of another. */
  private static byte[] mutant(List<byte[]> texts, Random random) {
    byte[] text = texts.get(random.nextInt(texts.size())).clone();
    byte[] other = texts.get(random.nextInt(texts.size()));
    for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
      int length = 1 + random.nextInt(12);
      int to = random.nextInt(text.length);
      int from = random.nextInt(other.length);
      length = Math.min(length, Math.min(text.length - to, other.length - from));
      System.arraycopy(other, from, text, to, length);
    }
    if (random.nextInt(8) == 0) {
      text[random.nextInt(text.length)] = (byte) random.nextInt(256);
    }
    return text;
  }
}
