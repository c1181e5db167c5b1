// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/** There is no device: the module is not loaded, or it went away. */
public final class DeviceUnavailableException extends DeviceException {
  public DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  public DeviceUnavailableException(String message) {
    super(message);
  }
}
