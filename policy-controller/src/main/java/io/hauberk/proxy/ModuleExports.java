// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that a module exports, with their types. */
final class ModuleExports {
  private final Map<String, FunctionType> functions = new LinkedHashMap<>();

  ModuleExports(WasmModule module) {
    List<Integer> types = new ArrayList<>();
    for (int i = 0; i < module.importSection().importCount(); i++) {
      Import imported = module.importSection().getImport(i);
      if (imported.importType() == ExternalType.FUNCTION) {
        types.add(((FunctionImport) imported).typeIndex());
      }
    }
    for (int i = 0; i < module.functionSection().functionCount(); i++) {
      types.add(module.functionSection().getFunctionType(i));
    }
    for (int i = 0; i < module.exportSection().exportCount(); i++) {
      Export export = module.exportSection().getExport(i);
      if (export.exportType() == ExternalType.FUNCTION) {
        functions.put(export.name(), module.typeSection().getType(types.get(export.index())));
      }
    }
  }

  Set<String> names() {
    return functions.keySet();
  }

  boolean has(String name) {
    return functions.containsKey(name);
  }

  /** Whether it is of this type, if it is there. */
  boolean agrees(String name, FunctionType type) {
    return !has(name) || functions.get(name).equals(type);
  }
}
