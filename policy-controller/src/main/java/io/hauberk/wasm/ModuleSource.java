// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.nio.file.Path;

/** Where the modules come from that a rule-set names. */
public interface ModuleSource {

  /**
   * Reads a module.
   *
   * @throws WasmException with a sentence if it is none that the kernel could take
   */
  byte[] read(Path file);
}
