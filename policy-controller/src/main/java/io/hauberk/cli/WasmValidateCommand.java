// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.wasm.NativeTool;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk wasm validate}: the kernel's own validator, without the kernel. */
@Command(
    name = "validate",
    description = "Tell whether the kernel would find modules valid, without a kernel.")
final class WasmValidateCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "The modules")
  private List<Path> files;

  WasmValidateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    files.forEach(ModuleFile::require);
    NativeTool tool = context.nativeTool();
    int status = ExitStatus.OK;
    for (Path file : files) {
      NativeTool.Outcome outcome = tool.run("validate", file.toString());
      outcome.out().lines().map(Text::printable).forEach(context.out()::println);
      context.out().flush();
      outcome.err().lines().map(Text::printable).forEach(context.err()::println);
      if (outcome.status() != 0) {
        status = ExitStatus.BAD_DATA;
      }
    }
    return status;
  }
}
