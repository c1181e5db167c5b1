// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Memory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Connections, resets, rule-sets and the modules themselves come and go all at once; the property
 * hauberk.minutes says for how long ({@code make stress MINUTES=15} is the long run).
 *
 * <pre>
 *   clients | ---- | servers     exchange, close, reset, half-close, are killed; are strangers; are left in the backlog
 *                  | device      rule-sets are swapped, the device is asked and followed
 *                  | modules     unloaded and loaded again
 *
 *   slab counters:  one cycle   first look   the cycles   second look
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class StressIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int SECONDS = Integer.getInteger("hauberk.minutes") * 60;
  private static final int SEED = Integer.getInteger("hauberk.seed");

  /** User-mode Linux takes minutes to give a module's memory back. */
  private static final int CYCLE_SECONDS = LAB.isDebug() ? Math.max(30, SECONDS / 5) : 15;

  /** A cycle goes on to its end, and its processes take time to die on a slow kernel. */
  private static final Duration LIMIT = Duration.ofMinutes(10).plusSeconds(SECONDS);

  /** One leaked object for each so many connections is too many. */
  private static final int CONNECTIONS_A_LEAK = 20;

  private static final int SLAB_NOISE = 64;

  @BeforeAll
  static void prepare() {
    // Sockets in TIME_WAIT would be in the way for a minute.
    LAB.vm().run("echo 0 > /proc/sys/net/ipv4/tcp_max_tw_buckets").ok();
  }

  /** Returns how many connections were made. */
  private static int stress(int seconds, int seed) {
    Background stress =
        LAB.vm()
            .start(
                "stress",
                "python3 /opt/hauberk/e2e/stress.py %d %d %d"
                    .formatted(seconds, seed, CYCLE_SECONDS));
    stress.awaitOk(LIMIT);
    List<String> lines = stress.log().lines().toList();
    assertThat(lines).last().asString().startsWith("done: ");
    return Integer.parseInt(lines.get(lines.size() - 1).substring("done: ".length()));
  }

  @Test
  void nothingIsLeftBehind() {
    stress(0, SEED);
    Memory before = Memory.look(LAB.vm());
    int connections = stress(SECONDS, SEED + 1);
    Memory after = Memory.look(LAB.vm());
    assertThat(before.objects()).containsKeys("hbk_conn", "TCP");
    before
        .objects()
        .forEach(
            (cache, objects) ->
                assertThat(after.objects().get(cache) - objects)
                    .as("more objects in the slab cache %s", cache)
                    .isLessThan(Math.max(connections / CONNECTIONS_A_LEAK, SLAB_NOISE)));
    LAB.assertCleanLog();
  }
}
