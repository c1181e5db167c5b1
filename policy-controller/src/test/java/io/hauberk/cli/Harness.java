// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.FakeKernel;
import io.hauberk.daemon.ManualClock;
import io.hauberk.daemon.NoNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Runs the command in this process, in a world of its own. */
final class Harness {
  static final String RULES =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      identities:
        - name: web
          spiffeId: spiffe://example.org/web
          dnsNames: [localhost]
        - name: client
          spiffeId: spiffe://example.org/client
      rules:
        - name: web-in
          match: {direction: inbound, ports: [8000, 8080-8090]}
          tls: strict
          identity: web
          peers: {allow: [spiffe://example.org/client]}
        - name: web-out
          match: {direction: outbound, ports: [8000]}
          tls: strict
          identity: client
        - name: telnet
          match: {direction: outbound, ports: [23]}
          action: deny
      """;

  final FakeKernel kernel = new FakeKernel();
  final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T12:00:00Z"));
  final Map<String, String> variables = new HashMap<>();
  final Path directory;
  final Path state;
  final Path rules;
  boolean terminal;

  /** What a command printed and how it ended. */
  record Outcome(int status, String out, String err) {}

  Harness(Path directory) throws IOException {
    this.directory = directory;
    this.state = directory.resolve("state");
    this.rules = Files.writeString(directory.resolve("rules.yaml"), RULES);
    variables.put("HAUBERK_STATE", state.toString());
  }

  Outcome run(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    Environment environment =
        new Environment(
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            variables,
            terminal,
            clock,
            path -> kernel.open(),
            new NoNames());
    int status = new CommandRunner(environment).run(words);
    return new Outcome(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
