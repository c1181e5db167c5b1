// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.proxy.FilterInspector;
import io.hauberk.proxy.FilterReport.Finding;
import io.hauberk.proxy.FilterReport.Gravity;
import io.hauberk.wasm.ModuleSource;
import io.hauberk.wasm.WasmException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Modules that can be filters: what the kernel would only refuse at a push is told before. */
final class FilterFiles implements ModuleSource {
  private final ModuleSource files;

  FilterFiles(ModuleSource files) {
    this.files = files;
  }

  @Override
  public byte[] read(Path file) {
    byte[] bytes = files.read(file);
    String faults =
        FilterInspector.inspect(bytes).findings().stream()
            .filter(finding -> finding.gravity() == Gravity.FAULT)
            .map(Finding::text)
            .collect(Collectors.joining("; "));
    if (!faults.isEmpty()) {
      throw new WasmException(
          file + " cannot be a filter: " + faults + " (hauberk filter check tells more)");
    }
    return bytes;
  }
}
