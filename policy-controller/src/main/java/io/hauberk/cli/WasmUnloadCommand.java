// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk wasm unload}: the kernel forgets guests. */
@Command(name = "unload", description = "Take guests out of the kernel, unless they are in use.")
final class WasmUnloadCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(arity = "1..*", paramLabel = "NAME", description = "The guests")
  private List<String> names;

  WasmUnloadCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (Device device = context.openDevice()) {
      names.forEach(device::unload);
    }
    return ExitStatus.OK;
  }
}
