// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

/** A place in a text; lines and columns count from 1. */
public record Position(int line, int column) implements Comparable<Position> {

  /** The start of the text, for what has no better place. */
  public static final Position START = new Position(1, 1);

  @Override
  public int compareTo(Position other) {
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : Integer.compare(column, other.column);
  }
}
