// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hauberk completion}: a script for bash and zsh. */
@Command(
    name = "completion",
    description = "Print the completion script: source <(hauberk completion)")
final class CompletionCommand implements Callable<Integer> {
  private final Context context;
  @Spec private CommandSpec spec;

  CompletionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.out().print(AutoComplete.bash("hauberk", spec.root().commandLine()));
    return ExitStatus.OK;
  }
}
