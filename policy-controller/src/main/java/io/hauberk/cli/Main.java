// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

/** Where the {@code hauberk} command begins. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandRunner(Environment.ofProcess()).run(arguments));
  }
}
