// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.List;
import java.util.Optional;

/** A YAML value that knows where it stands. */
sealed interface Node {
  Position position();

  /** What a person would call this kind of value. */
  String kind();

  /** What was refused already, so that nothing more is to be said of it. */
  record Refused(Position position) implements Node {
    @Override
    public String kind() {
      return "nothing";
    }
  }

  /** A key with its value. */
  record Entry(Position position, String key, Node value) {}

  record Mapping(Position position, List<Entry> entries) implements Node {
    @Override
    public String kind() {
      return "a mapping";
    }

    Optional<Node> get(String key) {
      for (Entry entry : entries) {
        if (entry.key().equals(key)) {
          return Optional.of(entry.value());
        }
      }
      return Optional.empty();
    }
  }

  record Sequence(Position position, List<Node> items) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /**
   * A lone value.
   *
   * @param value a String, a Long, a Double, a Boolean, or null
   * @param text as it was written, without its quotes
   */
  record Scalar(Position position, Object value, String text) implements Node {
    private static final int SHOWN = 80;

    @Override
    public String kind() {
      if (value == null) {
        return "nothing";
      }
      if (value instanceof String) {
        return "the text '" + shown() + "'";
      }
      return (value instanceof Boolean ? "the truth value " : "the number ") + shown();
    }

    private String shown() {
      return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
  }
}
