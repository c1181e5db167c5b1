// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is written to the device: bad requests change nothing, good ones do what they say.
 *
 * <pre>
 *   e2e/guest/device_*.py ---- write, read, poll ---- /dev/hauberk
 * </pre>
 */
@Tag("6.12")
@Tag("debug")
final class DeviceFramesIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Duration LIMIT = Duration.ofSeconds(400);

  /** The programs print TAP: a line for each check, and how many they should be. */
  @ParameterizedTest(name = "{0} has at least {1} checks")
  @CsvSource({"device_frames.py, 60", "device_mutations.py, 1", "device_behaviour.py, 15"})
  void eachRequestGetsItsAnswer(String program, int least) {
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 " + program);
    assertThat(Tap.of(output).asPlanned().passed()).isGreaterThanOrEqualTo(least);
  }
}
