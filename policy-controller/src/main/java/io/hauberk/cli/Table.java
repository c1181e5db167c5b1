// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Aligned columns under headings. */
final class Table {
  private static final String GAP = "  ";
  private static final String RIGHT = ">";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  /** Names the columns; a name that begins with {@code >} belongs to numbers. */
  Table(String... headings) {
    this.headings = Arrays.asList(headings);
  }

  Table row(Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(cells.length + " cells, " + headings.size() + " columns");
    }
    rows.add(Arrays.stream(cells).map(Table::shown).toList());
    return this;
  }

  void print(PrintStream out, Palette palette) {
    List<String> names = headings.stream().map(Table::name).toList();
    out.println(palette.bold(line(names)));
    rows.forEach(row -> out.println(line(row)));
  }

  private String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String padding = " ".repeat(width(column) - cells.get(column).length());
      boolean right = headings.get(column).startsWith(RIGHT);
      line.append(column == 0 ? "" : GAP)
          .append(right ? padding + cells.get(column) : cells.get(column) + padding);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    int width = name(headings.get(column)).length();
    for (List<String> row : rows) {
      width = Math.max(width, row.get(column).length());
    }
    return width;
  }

  private static String name(String heading) {
    return heading.startsWith(RIGHT) ? heading.substring(1) : heading;
  }

  private static String shown(Object cell) {
    String text = String.valueOf(cell);
    return text.isEmpty() ? "-" : text;
  }
}
