// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.DeviceOpener;
import io.hauberk.device.DeviceClient;
import io.hauberk.rules.HostResolver;
import io.hauberk.rules.LinuxHostResolver;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;

/**
 * What a command sees of the world around it; tests bring their own.
 *
 * @param terminal whether a person reads the output
 */
record Environment(
    PrintStream out,
    PrintStream err,
    Map<String, String> variables,
    boolean terminal,
    Clock clock,
    DeviceOpener devices,
    HostResolver host) {

  static Environment ofProcess() {
    return new Environment(
        new PrintStream(System.out, false, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        System.getenv(),
        System.console() != null,
        Clock.systemUTC(),
        DeviceClient::open,
        new LinuxHostResolver());
  }

  /** Colours are for terminals, unless <a href="https://no-color.org">NO_COLOR</a> is set. */
  boolean coloured() {
    return terminal && variables.getOrDefault("NO_COLOR", "").isEmpty();
  }
}
