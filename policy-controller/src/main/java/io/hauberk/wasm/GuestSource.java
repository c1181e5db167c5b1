// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The C that a module was translated to. */
record GuestSource(List<String> lines) {
  /** A function's head, which is alone on its line; its end is a brace in the first column. */
  private static final Pattern HEAD = Pattern.compile("static .*\\bf(\\d+)\\(.*\\)");

  private static final String END = "}";

  /** Reads the one file of C in a folder. */
  static GuestSource of(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Path source =
          files
              .filter(file -> file.toString().endsWith(".c") && !file.toString().endsWith(".mod.c"))
              .findFirst()
              .orElseThrow(() -> new ToolException("there is no C in " + folder));
      return new GuestSource(Files.readAllLines(source));
    }
  }

  /** Says which function is the largest. */
  String largest() {
    String function = "";
    int most = 0;
    String open = "";
    int begin = 0;
    for (int i = 0; i < lines.size(); i++) {
      Matcher head = HEAD.matcher(lines.get(i));
      if (head.matches()) {
        open = head.group(1);
        begin = i;
      } else if (lines.get(i).equals(END) && i - begin > most && !open.isEmpty()) {
        function = open;
        most = i - begin;
        open = "";
      }
    }
    return "its largest function is %s, with %d lines of C".formatted(function, most);
  }
}
