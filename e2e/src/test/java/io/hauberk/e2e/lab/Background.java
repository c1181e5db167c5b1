// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;

/** A command that runs in the guest's background, its output in a file there. */
public final class Background {
  private final Vm vm;
  private final String command;
  private final int pid;
  private final String log;
  private boolean ended;

  Background(Vm vm, String command, int pid, String log) {
    this.vm = vm;
    this.command = command;
    this.pid = pid;
    this.log = log;
  }

  public int pid() {
    return pid;
  }

  /** All that the command has printed so far. */
  public String log() {
    return vm.get(log);
  }

  /** Waits until a line of the output matches an extended regular expression; returns that line. */
  public String awaitLine(String pattern) {
    return awaitLine(pattern, Vm.PATIENCE);
  }

  public String awaitLine(String pattern, Duration limit) {
    String shell =
        "timeout %d grep -m1 -E -e '%s' <(exec tail -n +1 -f '%s' --pid=%d)"
            .formatted(limit.toSeconds(), pattern, log, pid);
    Output output = vm.run(limit.plusSeconds(10), shell);
    assertThat(output.status())
        .as("no line like /%s/ from: %s%nits output: %s", pattern, command, log())
        .isZero();
    return output.out().strip();
  }

  /** Waits for the command's end and returns its exit status. */
  public int await(Duration limit) {
    int status =
        vm.ask(Map.of("wait", pid, "timeout", limit.toSeconds()), limit).path("status").asInt();
    ended = true;
    return status;
  }

  /** Waits for the command's end, which must be a good one. */
  public Background awaitOk(Duration limit) {
    assertThat(await(limit)).as("exit status of: %s%n%s", command, log()).isZero();
    return this;
  }

  public void signal(String name) {
    vm.ask(Map.of("signal", pid, "sig", name));
  }

  /** Ends the command and all its children, if it still runs. */
  public void kill() {
    if (!ended) {
      vm.run("kill -KILL -- -" + pid + " 2>/dev/null; true").ok();
      await(Vm.PATIENCE);
    }
  }
}
