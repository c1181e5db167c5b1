// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.ArrayList;
import java.util.List;

/** Gathers the mistakes of one file. */
final class Problems {
  private final String file;
  private final List<Problem> found = new ArrayList<>();

  Problems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void add(Position position, String path, String message) {
    found.add(new Problem(file, position.line(), position.column(), path, message));
  }

  void add(Node node, String path, String message) {
    add(node.position(), path, message);
  }

  /** Whether there is a problem at a key path or below it. */
  boolean under(String path) {
    return found.stream()
        .map(Problem::path)
        .anyMatch(at -> at.equals(path) || at.startsWith(path + ".") || at.startsWith(path + "["));
  }

  List<Problem> found() {
    return List.copyOf(found);
  }

  int count() {
    return found.size();
  }
}
