// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hauberk wasm}: only its verbs do something. */
@Command(
    name = "wasm",
    description = "Load WebAssembly guests into the kernel, look at them and run them.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n")
final class WasmCommand implements Runnable {
  @Spec private CommandSpec spec;

  static CommandLine create(Context context) {
    // What follows the name of an export is the call's, whatever it looks like: -1 is no option.
    CommandLine run = new CommandLine(new WasmRunCommand(context)).setStopAtPositional(true);
    return new CommandLine(new WasmCommand())
        .addSubcommand(new WasmLoadCommand(context))
        .addSubcommand(new WasmListCommand(context))
        .addSubcommand(new WasmInfoCommand(context))
        .addSubcommand(run)
        .addSubcommand(new WasmLogCommand(context))
        .addSubcommand(new WasmUnloadCommand(context))
        .addSubcommand(new WasmValidateCommand(context));
  }

  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(line, "wasm needs a verb: " + line.getSubcommands().keySet());
  }
}
