// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Map;

/**
 * Where each key of a rule-set stands in its file, so that what is found later can still name the
 * line.
 *
 * @param file the name to print
 * @param positions the place of each value by its key path, such as {@code rules[0].match.ports[1]}
 */
public record Source(String file, Map<String, Position> positions) {

  public Source {
    positions = Map.copyOf(positions);
  }

  /** The place of a value, or of the nearest one around it that is in the file. */
  public Position at(String path) {
    for (String around = path; !around.isEmpty(); around = parent(around)) {
      Position position = positions.get(around);
      if (position != null) {
        return position;
      }
    }
    return Position.START;
  }

  /** A mistake at a key path of this file. */
  public Problem problem(String path, String message) {
    Position position = at(path);
    return new Problem(file, position.line(), position.column(), path, message);
  }

  /** The key path around another one; empty around the outermost. */
  static String parent(String path) {
    int end = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
    return end < 0 ? "" : path.substring(0, end);
  }
}
