// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import io.hauberk.HauberkException;

/** A program or something else on this machine that is needed is not there, or does not work. */
public final class ToolException extends HauberkException {
  public ToolException(String message) {
    super(message);
  }

  public ToolException(String message, Throwable cause) {
    super(message, cause);
  }
}
