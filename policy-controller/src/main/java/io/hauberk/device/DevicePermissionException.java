// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/** The device is there, and this process may not open it. */
public final class DevicePermissionException extends DeviceException {
  public DevicePermissionException(String message, Throwable cause) {
    super(message, cause);
  }
}
