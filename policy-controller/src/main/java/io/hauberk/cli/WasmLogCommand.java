// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.wasm.GuestLog;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code hauberk wasm log}: what guests have said. */
@Command(
    name = "log",
    description = "Show what guests have said, as far as the kernel has kept it.")
final class WasmLogCommand implements Callable<Integer> {
  private final Context context;

  WasmLogCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    GuestLog log;
    try (Device device = context.openDevice()) {
      log = device.guestLog(0);
    }
    log.lines().forEach(line -> context.out().println(Text.printable(line)));
    return ExitStatus.OK;
  }
}
