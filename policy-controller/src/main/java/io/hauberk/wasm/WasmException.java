// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import io.hauberk.HauberkException;

/** A module, a value or a guest is not what it should be. */
public final class WasmException extends HauberkException {
  public WasmException(String message) {
    super(message);
  }

  public WasmException(String message, Throwable cause) {
    super(message, cause);
  }
}
