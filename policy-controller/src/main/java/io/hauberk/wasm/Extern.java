// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** What a module imports or exports. */
public sealed interface Extern {

  /** As a person reads it. */
  String description();

  /** A function and its signature. */
  record Function(List<ValueType> parameters, List<ValueType> results) implements Extern {
    public Function {
      parameters = List.copyOf(parameters);
      results = List.copyOf(results);
    }

    @Override
    public String description() {
      return "func " + list(parameters) + " -> " + list(results);
    }

    private static String list(List<ValueType> types) {
      return types.stream().map(ValueType::label).collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /** A table of references. */
  record Table(ValueType type, long min, OptionalLong max) implements Extern {
    @Override
    public String description() {
      return "table of " + range(min, max) + " " + type.label();
    }
  }

  /** A memory, in pages of 64 KiB. */
  record Memory(long min, OptionalLong max) implements Extern {
    @Override
    public String description() {
      return "memory of " + pages();
    }

    /** How many it may have. */
    public String pages() {
      return range(min, max) + " pages";
    }
  }

  /** A global. */
  record Global(ValueType type, boolean mutable) implements Extern {
    @Override
    public String description() {
      return "global " + (mutable ? "mut " : "") + type.label();
    }
  }

  private static String range(long min, OptionalLong max) {
    return max.isPresent() ? min + " to " + max.getAsLong() : min + " or more";
  }
}
