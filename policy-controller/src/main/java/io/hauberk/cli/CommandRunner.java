// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.HauberkException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs one command line and turns whatever goes wrong into a line and an exit status. */
final class CommandRunner {
  private final Environment environment;

  CommandRunner(Environment environment) {
    this.environment = environment;
  }

  int run(String... arguments) {
    Ansi ansi = environment.coloured() ? Ansi.ON : Ansi.OFF;
    CommandLine command = HauberkCommand.create(environment, arguments);
    addHelp(command);
    command
        .setColorScheme(Help.defaultColorScheme(ansi))
        .setOut(new PrintWriter(environment.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(environment.err(), true, StandardCharsets.UTF_8))
        .setUsageHelpAutoWidth(false)
        .setExecutionExceptionHandler((failure, line, parsed) -> report(failure))
        .setParameterExceptionHandler((failure, all) -> report(failure));
    int status = command.execute(arguments);
    environment.out().flush();
    return status;
  }

  /** Every verb answers to -h; the option stands in no usage text twice. */
  private static void addHelp(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    spec.mixinStandardHelpOptions(false);
    spec.addOption(
        CommandLine.Model.OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help")
            .build());
    command.getSubcommands().values().forEach(CommandRunner::addHelp);
  }

  private int report(Exception failure) {
    environment.out().flush();
    String message =
        failure instanceof HauberkException ? failure.getMessage() : "internal error: " + failure;
    message.lines().forEach(this::complain);
    if (!(failure instanceof HauberkException)
        && environment.variables().containsKey("HAUBERK_DEBUG")) {
      failure.printStackTrace(environment.err());
    }
    return ExitStatus.of(failure);
  }

  private int report(ParameterException failure) {
    String verb = failure.getCommandLine().getCommandSpec().qualifiedName();
    complain(failure.getMessage().replaceFirst("^Error: ", ""));
    if (failure instanceof UnmatchedArgumentException unmatched) {
      for (String suggestion : unmatched.getSuggestions()) {
        complain("did you mean " + suggestion + "?");
      }
    }
    environment.err().println("Try: " + verb + " --help");
    return ExitStatus.USAGE;
  }

  private void complain(String line) {
    Palette palette = new Palette(environment.coloured());
    environment.err().println(palette.red("hauberk: ") + Text.printable(line));
  }
}
