// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Deployer;
import io.hauberk.daemon.Plan;
import io.hauberk.device.Device;
import io.hauberk.device.DeviceClient;
import io.hauberk.pki.Enrollment;
import io.hauberk.pki.StateDirectory;
import io.hauberk.wasm.ModuleFiles;
import io.hauberk.wasm.ModuleSource;
import io.hauberk.wasm.NativeTool;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every verb has, and what follows from them. */
final class Context {
  private static final Path DEFAULT_STATE = Path.of("/etc/hauberk");

  private static final Path DEFAULT_BIN = Path.of("/usr/bin");
  private static final Path DEFAULT_KIT = Path.of("/usr/src/hauberk");

  private final Environment environment;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "Where keys and certificates are kept (default: $HAUBERK_STATE or /etc/hauberk)")
  private Path state;

  @Option(names = "--device", paramLabel = "PATH", scope = ScopeType.INHERIT, hidden = true)
  private Path device;

  Context(Environment environment) {
    this.environment = environment;
  }

  Environment environment() {
    return environment;
  }

  PrintStream out() {
    return environment.out();
  }

  PrintStream err() {
    return environment.err();
  }

  Palette palette() {
    return new Palette(environment.coloured());
  }

  StateDirectory state() {
    return new StateDirectory(chosen(state, "HAUBERK_STATE", DEFAULT_STATE));
  }

  Path devicePath() {
    return chosen(device, "HAUBERK_DEVICE", DeviceClient.DEFAULT_PATH);
  }

  Device openDevice() {
    return environment.devices().open(devicePath());
  }

  Enrollment enrollment() {
    return new Enrollment(state(), environment.clock());
  }

  Deployer deployer() {
    return new Deployer(state(), enrollment(), environment.host(), modules());
  }

  /** Modules of filters in files; the kernel's own validator looks at them if it is there. */
  ModuleSource modules() {
    boolean present = Files.isExecutable(bin().resolve(NativeTool.VALIDATOR));
    return new FilterFiles(new ModuleFiles(present ? Optional.of(nativeTool()) : Optional.empty()));
  }

  /** Reads and compiles a rule-set; its warnings go to the error stream. */
  Plan plan(Path file) {
    if (!Files.exists(file)) {
      throw new NoInputException(file + " is not there");
    }
    if (!Files.isRegularFile(file)) {
      throw new NoInputException(file + " is not a file");
    }
    Plan plan = deployer().plan(file);
    plan.compiled()
        .warnings()
        .forEach(
            warning ->
                err().println(palette().yellow("warning: ") + Text.printable(warning.toString())));
    return plan;
  }

  /** The engine's own program, which is installed beside the launcher. */
  NativeTool nativeTool() {
    return NativeTool.hauberkWasm(bin());
  }

  private Path bin() {
    return chosen(null, "HAUBERK_BIN", DEFAULT_BIN);
  }

  /** The folder with the engine's headers. */
  Path filterKit() {
    return chosen(null, "HAUBERK_KIT", DEFAULT_KIT);
  }

  private Path chosen(Path option, String variable, Path otherwise) {
    if (option != null) {
      return option;
    }
    String value = environment.variables().getOrDefault(variable, "");
    return value.isEmpty() ? otherwise : Path.of(value);
  }
}
