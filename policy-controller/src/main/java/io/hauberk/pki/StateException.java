// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.HauberkException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The state directory cannot be read or written. */
public class StateException extends HauberkException {
  /** What was being done. */
  public enum Attempt {
    READ,
    WRITE
  }

  private final Attempt attempt;

  private StateException(Attempt attempt, String message, IOException cause) {
    super(message, cause);
    this.attempt = attempt;
  }

  /** The failure as a sentence that names the path. */
  public static StateException cannotWrite(Path path, IOException cause) {
    return new StateException(Attempt.WRITE, "cannot write " + path + ": " + reason(cause), cause);
  }

  /** The failure as a sentence that names the path. */
  public static StateException cannotRead(Path path, IOException cause) {
    return new StateException(Attempt.READ, "cannot read " + path + ": " + reason(cause), cause);
  }

  /** Whether the system refused for want of a permission, rather than of space or a device. */
  public boolean isPermission() {
    return getCause() instanceof AccessDeniedException;
  }

  public Attempt attempt() {
    return attempt;
  }

  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (cause instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getReason();
    }
    return cause.getMessage();
  }
}
