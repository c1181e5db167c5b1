// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hauberk} without a verb: tells which verbs there are. */
@Command(
    name = "hauberk",
    description = "Mutual TLS and WebAssembly under plain TCP sockets, by rules.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    optionListHeading = "%nOptions:%n")
final class HauberkCommand implements Callable<Integer> {
  @Mixin private final Context context;
  @Spec private CommandSpec spec;

  private HauberkCommand(Context context) {
    this.context = context;
  }

  /**
   * The command for these arguments. If they begin with a verb, that one alone is set up: picocli
   * reads the annotations of each by reflection, which is most of the time that a quick verb takes.
   */
  static CommandLine create(Environment environment, String... arguments) {
    Context context = new Context(environment);
    Map<String, Supplier<CommandLine>> verbs = verbs(context);
    CommandLine command = new CommandLine(new HauberkCommand(context));
    if (arguments.length > 0 && verbs.containsKey(arguments[0])) {
      return command.addSubcommand(verbs.get(arguments[0]).get());
    }
    verbs.values().forEach(verb -> command.addSubcommand(verb.get()));
    return command.addSubcommand(new CompletionCommand(context));
  }

  /** All but the verb that has to know all the others. */
  private static Map<String, Supplier<CommandLine>> verbs(Context context) {
    Map<String, Supplier<CommandLine>> verbs = new LinkedHashMap<>();
    verbs.put("init", () -> new CommandLine(new InitCommand(context)));
    verbs.put("check", () -> new CommandLine(new CheckCommand(context)));
    verbs.put("apply", () -> new CommandLine(new ApplyCommand(context)));
    verbs.put("status", () -> new CommandLine(new StatusCommand(context)));
    verbs.put("connections", () -> new CommandLine(new ConnectionsCommand(context)));
    verbs.put("events", () -> new CommandLine(new EventsCommand(context)));
    verbs.put(
        "certs",
        () ->
            new CommandLine(new CertsCommand())
                .addSubcommand(new CertsShowCommand(context))
                .addSubcommand(new CertsRotateCommand(context)));
    verbs.put("wasm", () -> WasmCommand.create(context));
    verbs.put("filter", () -> FilterCommand.create(context));
    verbs.put("serve", () -> new CommandLine(new ServeCommand(context)));
    verbs.put("version", () -> new CommandLine(new VersionCommand(context)));
    return verbs;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(context.out());
    return ExitStatus.OK;
  }
}
