// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.HauberkException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;

/** The state directory cannot be read or written. */
public class StateException extends HauberkException {
  private final transient IOException failure;

  private StateException(String message, IOException cause) {
    super(message, cause);
    this.failure = cause;
  }

  static StateException cannotWrite(Path path, IOException cause) {
    return new StateException("cannot write " + path + ": " + reason(cause), cause);
  }

  static StateException cannotRead(Path path, IOException cause) {
    return new StateException("cannot read " + path + ": " + reason(cause), cause);
  }

  /** Whether the system refused for want of a permission, rather than of space or a device. */
  public boolean isPermission() {
    return failure instanceof AccessDeniedException;
  }

  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof java.nio.file.NoSuchFileException) {
      return "no such file or directory";
    }
    if (cause instanceof java.nio.file.FileSystemException failed && failed.getReason() != null) {
      return failed.getReason();
    }
    return cause.getMessage();
  }
}
