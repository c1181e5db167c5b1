// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import io.hauberk.HauberkException;

/** The device did not do what was asked. */
public class DeviceException extends HauberkException {
  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
