// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.device.Device;
import java.nio.file.Path;

/** Opens the kernel's device. */
@FunctionalInterface
public interface DeviceOpener {
  Device open(Path path);
}
