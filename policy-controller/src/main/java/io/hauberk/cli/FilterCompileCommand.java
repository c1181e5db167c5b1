// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.wasm.FilterCompiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hauberk filter compile}: a kernel module of a WebAssembly module. */
@Command(
    name = "compile",
    description = "Compile a module ahead of time into a kernel module, FILE.ko.")
final class FilterCompileCommand implements Callable<Integer> {
  private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");

  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The module")
  private Path file;

  @Option(
      names = "-o",
      paramLabel = "DIR",
      description = "Where the kernel module is put (default: the current folder)")
  private Path folder = Path.of("");

  @Option(
      names = "--kdir",
      paramLabel = "DIR",
      description = "Prepared kernel headers (default: those of the running kernel)")
  private Path kernel;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "900",
      description = "How long the compiler may take (default: ${DEFAULT-VALUE})")
  private long seconds;

  @Spec private CommandSpec spec;

  FilterCompileCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if (seconds < 1) {
      throw new ParameterException(spec.commandLine(), "--timeout is at least 1");
    }
    ModuleFile.require(file);
    Path headers =
        kernel != null
            ? kernel
            : Path.of("/lib/modules", Files.readString(RELEASE).strip(), "build");
    Path built =
        new FilterCompiler(context.nativeTool(), context.filterKit(), headers, architecture())
            .compile(file, folder, Duration.ofSeconds(seconds));
    context.out().println(context.palette().green(Text.printable(built.toString())));
    return ExitStatus.OK;
  }

  private Map<String, String> architecture() {
    Map<String, String> environment = new HashMap<>();
    String architecture = context.environment().variables().getOrDefault("ARCH", "");
    if (!architecture.isEmpty()) {
      environment.put("ARCH", architecture);
    }
    return environment;
  }
}
