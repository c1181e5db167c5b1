// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Java numbers are those of the header that the kernel is built with. */
class WireTest {
  private static final Path HEADER = Path.of("../kmod/include/uapi/hauberk.h");
  private static final Pattern NUMBER =
      Pattern.compile("(?m)^(?:#define\\s+|\\t)HBK_(\\w+)\\s*=?\\s+(0x[0-9a-f]+|[0-9]+)\\b");

  /** What only the Java side names. */
  private static final List<String> OWN =
      List.of("FRAME_HEADER", "ATTR_HEADER", "ATTR_ALIGN", "ADDRESS_LENGTH", "VALUE_LENGTH");

  @Test
  void everyNumberIsTheHeaders() throws IOException, IllegalAccessException {
    Map<String, Long> header = new TreeMap<>();
    Matcher matcher = NUMBER.matcher(Files.readString(HEADER));
    while (matcher.find()) {
      header.put(matcher.group(1), Long.decode(matcher.group(2)));
    }
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : Wire.class.getDeclaredFields()) {
      if (!OWN.contains(field.getName()) && !field.isSynthetic()) {
        ours.put(field.getName(), field.getLong(null));
      }
    }
    assertThat(header).containsAllEntriesOf(ours);
  }

  @Test
  void everyAttributeOfTheHeaderIsKnown() throws IOException {
    List<String> ours = Arrays.stream(Wire.class.getDeclaredFields()).map(Field::getName).toList();
    assertThat(Pattern.compile("\\bHBK_(A_\\w+)\\s*=").matcher(Files.readString(HEADER)).results())
        .extracting(result -> result.group(1))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(ours).contains(name));
  }
}
