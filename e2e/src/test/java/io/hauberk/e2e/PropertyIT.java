// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random programs of socket calls see the same on a plain pair of sockets and on an upgraded one.
 *
 * <pre>
 *             +-- plain ----- client &lt;---&gt; server
 *   program --+                                        same bytes, returns, errnos, readiness
 *             +-- upgraded -- client &lt;===&gt; server
 * </pre>
 *
 * <p>The properties hauberk.steps and hauberk.seed say how many calls and which: {@code make e2e
 * TESTS=PropertyIT STEPS=1000000 SEED=7} is a long run. A mismatch prints the seed, the episode,
 * and the shortest program that still shows it.
 */
@Tag("6.12")
@Tag("debug")
final class PropertyIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final int STEPS = Integer.getInteger("hauberk.steps");
  private static final int SEED = Integer.getInteger("hauberk.seed");

  /** Enough for each fault to have its chance. */
  private static final int FAULT_STEPS = 20_000;

  private static final Duration LIMIT = Duration.ofMinutes(5).plusMillis(STEPS * 20L);

  private static Output property(String words) {
    return LAB.vm().run(LIMIT, "/opt/hauberk/e2e/property/run " + words);
  }

  @ParameterizedTest(name = "records of {0}")
  @ValueSource(strings = {"kernel", "own"})
  void noProgramTellsAnUpgradedSocketFromAPlainOne(String layer) {
    Output output = property("--layer %s --seed %d --steps %d".formatted(layer, SEED, STEPS / 2));
    assertThat(output.out()).contains(", 0 mismatches").doesNotContain("MISMATCH");
    output.ok();
  }

  @Test
  void plainSocketsAreNotToldApartEither() {
    property("--unpushed --seed %d --steps %d".formatted(SEED, FAULT_STEPS)).ok();
  }

  @Test
  void eachFaultIsFound() {
    List<String> faults =
        LAB.vm().run("/opt/hauberk/e2e/property/property --faults").ok().out().lines().toList();
    assertThat(faults).hasSizeGreaterThanOrEqualTo(10);
    for (String fault : faults) {
      Output output =
          property("--unpushed --no-shrink --fault %s --steps %d".formatted(fault, FAULT_STEPS));
      assertThat(output.out()).as("with the fault " + fault).contains("MISMATCH");
      assertThat(output.status()).as("with the fault " + fault).isEqualTo(1);
    }
  }
}
