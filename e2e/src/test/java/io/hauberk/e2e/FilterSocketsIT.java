// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Filters under sockets, call by call: what passes, what is held, how filters fail and connections
 * end.
 *
 * <pre>
 *   e2e/guest/device_filters.py ---- sockets, lo ---- e2e/guest/device_filters.py
 *   e2e/guest/device_starts.py ----- sockets, lo ---- e2e/guest/device_starts.py
 *            |
 *        /dev/hauberk: rules with filters
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class FilterSocketsIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(400);

  @Test
  void socketsBehaveWithFiltersUnderThem() {
    passes("device_filters.py", 35);
  }

  @Test
  void slowStartsHoldUpThoseAloneWhoNeedThem() {
    passes("device_starts.py", 15);
  }

  /** The programs print TAP: a line for each check, and how many they should be. */
  private static void passes(String program, int least) {
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 " + program);
    assertThat(Tap.of(output).asPlanned().passed()).isGreaterThanOrEqualTo(least);
  }
}
