// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.ObjectMapper;

/** Follows the device's events: a process in the guest writes them to a file, line by line. */
public final class Events {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration WAIT = Duration.ofSeconds(20);
  private static final String LOG = "events";

  private final Vm vm;
  private final List<Event> seen = new ArrayList<>();
  private final List<Event> unclaimed = new ArrayList<>();
  private final Background follower;
  private long offset;

  Events(Vm vm) {
    this.vm = vm;
    follower = vm.start(LOG, "python3 /opt/hauberk/e2e/hbk_tool.py follow");
    offset = follower.awaitLine("^following$").length() + 1;
  }

  /** Forgets what has come so far. */
  public void skip() {
    takeAll();
    unclaimed.clear();
  }

  /** All that has come so far. */
  public List<Event> seen() {
    takeAll();
    return List.copyOf(seen);
  }

  /** The next event like this that nobody has claimed yet; waits for it. */
  public Event await(String frame, String rule) {
    return await(
        frame + " of " + rule, event -> event.frame().equals(frame) && event.rule().equals(rule));
  }

  public Event await(String what, Predicate<Event> wanted) {
    Instant deadline = Instant.now().plus(Vm.PATIENCE);
    while (Instant.now().isBefore(deadline)) {
      for (Event event : unclaimed) {
        if (wanted.test(event)) {
          unclaimed.remove(event);
          return event;
        }
      }
      if (!takeAll()) {
        takeNext();
      }
    }
    return fail("waited in vain for %s; there came: %s", what, seen);
  }

  void stop() {
    follower.kill();
  }

  /** Takes what is there; whether there was anything. */
  private boolean takeAll() {
    return take(vm.run("tail -c +%d /run/log/%s".formatted(offset + 1, LOG)));
  }

  /** Waits for another line. */
  private void takeNext() {
    String tail = "tail -c +%d -f --pid=%d /run/log/%s".formatted(offset + 1, follower.pid(), LOG);
    take(vm.run("timeout %d head -n 1 < <(exec %s)".formatted(WAIT.toSeconds(), tail)));
  }

  private boolean take(Output output) {
    // A line that is still being written is for the next time.
    String whole = output.out().substring(0, output.out().lastIndexOf('\n') + 1);
    offset += whole.getBytes(StandardCharsets.UTF_8).length;
    for (String line : whole.lines().toList()) {
      Event event = new Event(JSON.readTree(line));
      seen.add(event);
      unclaimed.add(event);
    }
    return !whole.isEmpty();
  }
}
