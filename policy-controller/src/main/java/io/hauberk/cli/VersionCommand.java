// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.device.DeviceException;
import io.hauberk.device.DeviceInfo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code hauberk version}: of the controller and, if it is loaded, of the module. */
@Command(name = "version", description = "Show the versions of the controller and of the module.")
final class VersionCommand implements Callable<Integer> {
  private static final String UNPACKAGED = "development";

  private final Context context;

  VersionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    String controller = VersionCommand.class.getPackage().getImplementationVersion();
    context.out().println("hauberk " + (controller == null ? UNPACKAGED : controller));
    context.out().println(module());
    return ExitStatus.OK;
  }

  private String module() {
    try (Device device = context.openDevice()) {
      DeviceInfo info = device.hello();
      return "module " + info.moduleVersion() + ", protocol " + info.version();
    } catch (DeviceException e) {
      return "module unknown: " + e.getMessage();
    }
  }
}
