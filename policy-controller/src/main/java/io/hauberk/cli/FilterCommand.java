// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hauberk filter}: only its verbs do something. */
@Command(
    name = "filter",
    description = "Put WebAssembly filters on connections, and see how they fare.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n")
final class FilterCommand implements Runnable {
  @Spec private CommandSpec spec;

  static CommandLine create(Context context) {
    return new CommandLine(new FilterCommand())
        .addSubcommand(new FilterNewCommand(context))
        .addSubcommand(new FilterCheckCommand(context))
        .addSubcommand(new FilterTestCommand(context))
        .addSubcommand(new FilterCompileCommand(context))
        .addSubcommand(new FilterLoadCommand(context))
        .addSubcommand(new FilterListCommand(context))
        .addSubcommand(new FilterReplaceCommand(context))
        .addSubcommand(new FilterUnloadCommand(context))
        .addSubcommand(new FilterStatsCommand(context));
  }

  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(line, "filter needs a verb: " + line.getSubcommands().keySet());
  }
}
