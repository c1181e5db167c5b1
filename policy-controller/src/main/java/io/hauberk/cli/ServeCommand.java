// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Daemon;
import io.hauberk.daemon.Keeper;
import io.hauberk.daemon.MetricsEndpoint;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hauberk serve}: keeps the kernel up to date until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Keep the kernel's rules and certificates up to date.",
      "Applies each change of the file, renews certificates in time, and pushes again after the"
          + " module was reloaded. SIGHUP reads the file again; SIGTERM stops, and the rules stay."
    })
final class ServeCommand implements Callable<Integer> {
  private static final Pattern ENDPOINT =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):([0-9]{1,5})");

  private static final int PORT_MAX = 65_535;

  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The rule-set")
  private Path file;

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Serve http://HOST:PORT/metrics for Prometheus (default: nothing listens)")
  private String metrics;

  @Spec private CommandSpec spec;

  ServeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Optional<SocketAddress> endpoint = Optional.ofNullable(metrics).map(this::endpoint);
    // The first mistakes are told like those of check, before anything is started.
    context.plan(file);
    Environment environment = context.environment();
    Keeper keeper =
        new Keeper(
            file.toAbsolutePath(),
            context.state(),
            () -> environment.devices().open(context.devicePath()),
            environment.host(),
            context.modules(),
            environment.clock(),
            RandomGenerator.getDefault());
    Optional<MetricsEndpoint> served =
        endpoint.map(address -> new MetricsEndpoint(address, context::openDevice));
    new Daemon(keeper, context.state(), served, environment.variables()).run();
    return ExitStatus.OK;
  }

  private SocketAddress endpoint(String text) {
    Matcher matcher = ENDPOINT.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > PORT_MAX) {
      throw new ParameterException(
          spec.commandLine(), "--metrics needs HOST:PORT, such as 127.0.0.1:9464, not " + text);
    }
    String host = matcher.group(1).replaceAll("[\\[\\]]", "");
    return SocketAddress.inetSocketAddress(Integer.parseInt(matcher.group(2)), host);
  }
}
