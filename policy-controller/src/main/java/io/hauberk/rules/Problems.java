// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gathers the mistakes of one file. */
final class Problems {
  private final String file;
  private final List<Problem> found = new ArrayList<>();
  private final Set<String> paths = new HashSet<>();
  private final Set<String> exactly = new HashSet<>();

  Problems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void add(Position position, String path, String message) {
    found.add(new Problem(file, position.line(), position.column(), path, message));
    exactly.add(path);
    for (String around = path; !around.isEmpty(); around = Source.parent(around)) {
      paths.add(around);
    }
  }

  void add(Node node, String path, String message) {
    add(node.position(), path, message);
  }

  /** Whether there is a problem at a key path or below it. */
  boolean under(String path) {
    return paths.contains(path);
  }

  /** Whether there is a problem at a key path itself: what is below may not have been checked. */
  boolean at(String path) {
    return exactly.contains(path);
  }

  List<Problem> found() {
    return List.copyOf(found);
  }

  int count() {
    return found.size();
  }
}
