// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hauberk} without a verb: tells which verbs there are. */
@Command(
    name = "hauberk",
    description = "Mutual TLS under plain TCP sockets, by rules.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    optionListHeading = "%nOptions:%n")
final class HauberkCommand implements Callable<Integer> {
  @Mixin private final Context context;
  @Spec private CommandSpec spec;

  private HauberkCommand(Context context) {
    this.context = context;
  }

  /** The command with all its verbs. */
  static CommandLine create(Environment environment) {
    Context context = new Context(environment);
    return new CommandLine(new HauberkCommand(context))
        .addSubcommand(new InitCommand(context))
        .addSubcommand(new CheckCommand(context))
        .addSubcommand(new ApplyCommand(context))
        .addSubcommand(new StatusCommand(context))
        .addSubcommand(new ConnectionsCommand(context))
        .addSubcommand(new EventsCommand(context))
        .addSubcommand(
            new CommandLine(new CertsCommand())
                .addSubcommand(new CertsShowCommand(context))
                .addSubcommand(new CertsRotateCommand(context)))
        .addSubcommand(new ServeCommand(context))
        .addSubcommand(new VersionCommand(context))
        .addSubcommand(new CompletionCommand(context));
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(context.out());
    return ExitStatus.OK;
  }
}
