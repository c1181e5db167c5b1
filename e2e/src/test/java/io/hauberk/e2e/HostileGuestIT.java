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
 * Guests that mean harm: each is stopped, by what the table names, and the kernel has nothing to
 * say of it.
 *
 * <pre>
 *   e2e/guest/wasm/hostile.py ---- load, run, unload ---- /dev/hauberk ---- wasm.ko
 *        guests.tsv
 * </pre>
 */
@Tag("debug")
final class HostileGuestIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int LEAST_CALLS = 600;

  @Test
  void eachIsStoppedByWhatTheTableNames() {
    Output output =
        LAB.vm()
            .run(
                Duration.ofSeconds(1200),
                "cd /opt/hauberk/e2e/wasm && python3 hostile.py guests.tsv guests");
    assertThat(Tap.of(output).asPlanned().passed()).isGreaterThanOrEqualTo(LEAST_CALLS);
    LAB.assertCleanLog();
  }
}
