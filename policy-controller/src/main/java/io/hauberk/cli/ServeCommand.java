// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Daemon;
import io.hauberk.daemon.Keeper;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk serve}: keeps the kernel up to date until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Keep the kernel's rules and certificates up to date.",
      "Applies each change of the file, renews certificates in time, and pushes again after the"
          + " module was reloaded. SIGHUP reads the file again; SIGTERM stops, and the rules stay."
    })
final class ServeCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The rule-set")
  private Path file;

  ServeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    // The first mistakes are told like those of check, before anything is started.
    context.plan(file);
    Environment environment = context.environment();
    Keeper keeper =
        new Keeper(
            file.toAbsolutePath(),
            context.state(),
            () -> environment.devices().open(context.devicePath()),
            environment.host(),
            environment.clock(),
            RandomGenerator.getDefault());
    new Daemon(keeper, context.state(), environment.variables()).run();
    return ExitStatus.OK;
  }
}
