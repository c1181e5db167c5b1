// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.util.List;
import java.util.Optional;

/** A guest with all that it imports and exports. */
public record GuestDetails(Guest guest, List<GuestImport> imports, List<GuestExport> exports) {
  public GuestDetails {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
  }

  /** The function that is exported by a name. */
  public Optional<Extern.Function> function(String name) {
    return exports.stream()
        .filter(export -> export.name().equals(name))
        .map(GuestExport::extern)
        .filter(Extern.Function.class::isInstance)
        .map(Extern.Function.class::cast)
        .findFirst();
  }

  /** The names of all functions that can be called. */
  public List<String> functions() {
    return exports.stream()
        .filter(export -> export.extern() instanceof Extern.Function)
        .map(GuestExport::name)
        .toList();
  }
}
