// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The limits that the documentation tells are those of the header. */
class LimitsDocumentTest {
  private static final Pattern DEFINED =
      Pattern.compile("(?m)^#define\\s+HBK_WASM_(\\w+)\\s+([0-9]+)\\b");
  private static final Pattern TOLD = Pattern.compile("(?m)^\\| `(\\w+)` \\| ([0-9,]+) \\|");

  private static Map<String, String> table(Pattern pattern, String file) throws IOException {
    Map<String, String> found = new TreeMap<>();
    Matcher matcher = pattern.matcher(Files.readString(Path.of("..").resolve(file)));
    while (matcher.find()) {
      found.put(matcher.group(1), matcher.group(2).replace(",", ""));
    }
    return found;
  }

  @Test
  void everyLimitIsTold() throws IOException {
    Map<String, String> defined = table(DEFINED, "kmod/core/wasm/limits.h");
    assertThat(defined).isNotEmpty();
    assertThat(table(TOLD, "docs/wasm.md")).isEqualTo(defined);
  }
}
