// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.HauberkException;
import io.hauberk.daemon.AlreadyServedException;
import io.hauberk.device.DeviceException;
import io.hauberk.device.DevicePermissionException;
import io.hauberk.device.DeviceRefusedException;
import io.hauberk.device.DeviceUnavailableException;
import io.hauberk.device.Errno;
import io.hauberk.pki.StateException;
import io.hauberk.wasm.ToolException;
import java.util.Set;

/**
 * The exit statuses of every verb, which are those of sysexits.h; docs/operations.md lists them.
 */
final class ExitStatus {
  static final int OK = 0;
  static final int USAGE = 64;
  static final int BAD_DATA = 65;
  static final int NO_INPUT = 66;
  static final int UNAVAILABLE = 69;
  static final int INTERNAL = 70;
  static final int CANNOT_CREATE = 73;
  static final int IO_ERROR = 74;
  static final int TEMPORARY = 75;
  static final int NO_PERMISSION = 77;

  /** Refusals that another attempt may not meet. */
  private static final Set<Integer> PASSING = Set.of(Errno.ESTALE, Errno.EBUSY, Errno.ENOMEM);

  private ExitStatus() {}

  static int of(Exception failure) {
    if (failure instanceof NoInputException) {
      return NO_INPUT;
    }
    if (failure instanceof CannotCreateException) {
      return CANNOT_CREATE;
    }
    if (failure instanceof StateException state) {
      return of(state);
    }
    if (failure instanceof DeviceException device) {
      return of(device);
    }
    if (failure instanceof AlreadyServedException || failure instanceof ToolException) {
      return UNAVAILABLE;
    }
    return failure instanceof HauberkException ? BAD_DATA : INTERNAL;
  }

  private static int of(StateException failure) {
    if (failure.isPermission()) {
      return NO_PERMISSION;
    }
    return failure.attempt() == StateException.Attempt.WRITE ? CANNOT_CREATE : IO_ERROR;
  }

  private static int of(DeviceException failure) {
    if (failure instanceof DeviceUnavailableException) {
      return UNAVAILABLE;
    }
    if (failure instanceof DevicePermissionException) {
      return NO_PERMISSION;
    }
    if (failure instanceof DeviceRefusedException refused) {
      return of(refused);
    }
    return IO_ERROR;
  }

  private static int of(DeviceRefusedException failure) {
    if (failure.errno() == Errno.EPERM) {
      return NO_PERMISSION;
    }
    return PASSING.contains(failure.errno()) ? TEMPORARY : BAD_DATA;
  }
}
