// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hauberk certs}: only its verbs do something. */
@Command(
    name = "certs",
    description = "Show and replace certificates.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n")
final class CertsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(line, "certs needs a verb: " + line.getSubcommands().keySet());
  }
}
