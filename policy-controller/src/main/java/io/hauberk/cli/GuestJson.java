// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.wasm.Extern;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.ValueType;
import java.util.List;
import java.util.OptionalLong;

/** The members that a guest, and what it imports and exports, have in JSON. */
final class GuestJson {
  private GuestJson() {}

  static void write(Json json, Guest guest) {
    json.put("name", guest.name())
        .put("loaded", guest.loaded())
        .put("size", guest.size())
        .put("sha256", guest.digest())
        .put("compiled", guest.compiled())
        .put("floats", guest.floats())
        .put("quarantined", guest.quarantined())
        .put("calls", guest.calls())
        .put("traps", guest.traps())
        .put("instructions", guest.instructions())
        .put("instances", guest.instances())
        .put("memoryBytes", guest.memoryBytes())
        .put("functions", guest.functions());
    guest.memory().ifPresent(memory -> json.name("memory").object(() -> range(json, memory)));
  }

  static void write(Json json, Extern extern) {
    if (extern instanceof Extern.Function function) {
      json.put("kind", "func")
          .put("parameters", labels(function.parameters()))
          .put("results", labels(function.results()));
    } else if (extern instanceof Extern.Table table) {
      json.put("kind", "table").put("type", table.type().label());
      range(json, table.min(), table.max());
    } else if (extern instanceof Extern.Memory memory) {
      json.put("kind", "memory");
      range(json, memory);
    } else if (extern instanceof Extern.Global global) {
      json.put("kind", "global")
          .put("type", global.type().label())
          .put("mutable", global.mutable());
    }
  }

  private static void range(Json json, Extern.Memory memory) {
    range(json, memory.min(), memory.max());
  }

  private static void range(Json json, long min, OptionalLong max) {
    json.put("min", min);
    max.ifPresent(value -> json.put("max", value));
  }

  private static List<String> labels(List<ValueType> types) {
    return types.stream().map(ValueType::label).toList();
  }
}
