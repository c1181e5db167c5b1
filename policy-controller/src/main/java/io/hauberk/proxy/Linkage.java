// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a host has all that a module imports. */
final class Linkage {
  private Linkage() {}

  /**
   * An import.
   *
   * @param fault what is wrong with it; empty if nothing is
   */
  record Imported(String module, String name, String fault) {
    String label() {
      return module + "." + name;
    }
  }

  static List<Imported> of(WasmModule module) {
    List<Imported> imports = new ArrayList<>();
    for (int i = 0; i < module.importSection().importCount(); i++) {
      Import imported = module.importSection().getImport(i);
      imports.add(new Imported(imported.module(), imported.name(), fault(module, imported)));
    }
    return imports;
  }

  private static String fault(WasmModule module, Import imported) {
    if (imported.importType() != ExternalType.FUNCTION) {
      return "only functions can be imported";
    }
    Optional<HostCall> function = HostCalls.find(imported.module(), imported.name());
    if (function.isEmpty()) {
      return "the host has no such function";
    }
    FunctionType type = module.typeSection().getType(((FunctionImport) imported).typeIndex());
    return function.get().type().equals(type)
        ? ""
        : "its type is " + function.get().type() + ", not " + type;
  }

  /**
   * That it has.
   *
   * @throws ProxyException naming what it lacks
   */
  static void require(WasmModule module) {
    List<String> faults =
        of(module).stream()
            .filter(imported -> !imported.fault().isEmpty())
            .map(imported -> imported.label() + ": " + imported.fault())
            .toList();
    if (!faults.isEmpty()) {
      throw new ProxyException("cannot be linked: " + String.join(", ", faults));
    }
  }
}
