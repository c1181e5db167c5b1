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
 * The kernel's proxy-wasm host against the others: the same event scripts must give the same host
 * calls, bytes and actions, line by line.
 *
 * <pre>
 *   proxy-wasm-filters/scripts/*.yaml, *&#47;test.yaml
 *        |                        |
 *   hauberk-proxy (stage)    /dev/hauberk: FILTER_TRY
 *        |                        |
 *      traces  --- compared ---  traces
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class EventScriptIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(400);
  private static final int LEAST = 300;

  /** The program prints TAP: a line for each script, and how many they should be. */
  @Test
  void theKernelTracesWhatTheNativeHostTraces() {
    Output output =
        LAB.vm()
            .run(LIMIT, "cd /opt/hauberk/e2e && python3 device_scripts.py /opt/hauberk/scripts");
    assertThat(Tap.of(output).asPlanned().passed()).isGreaterThanOrEqualTo(LEAST);
  }
}
