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
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs that nobody here wrote, server and client both upgraded: their own checks are satisfied,
 * and each of their connections was mutual TLS at both ends.
 *
 * <pre>
 *   redis-benchmark, pgbench, curl, ...  ---- mutual TLS, lo ----  redis-server, postgres, nginx, ...
 * </pre>
 *
 * <p>The property hauberk.scale says how much work they get ({@code make e2e TESTS=ProgramsIT
 * SCALE=10} is the long run).
 */
@Tag("long")
final class ProgramsIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Logger LOG = LoggerFactory.getLogger(ProgramsIT.class);
  private static final int SCALE = Integer.getInteger("hauberk.scale");
  private static final Duration LIMIT = Duration.ofSeconds(600).multipliedBy(SCALE);
  private static final int RESULTS = 2;

  @Tag("6.12")
  @Tag("debug")
  @ParameterizedTest
  @ValueSource(strings = {"nginx", "redis", "iperf3"})
  void onEveryKernel(String program) {
    tryOut(program);
  }

  @Tag("6.12")
  @ParameterizedTest
  @ValueSource(strings = {"haproxy", "ftp", "wrk", "memcached"})
  void onEveryEmulatedKernel(String program) {
    tryOut(program);
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "rsync", "git", "node", "java"})
  void onOneKernel(String program) {
    tryOut(program);
  }

  @Tag("debug")
  @ParameterizedTest
  @ValueSource(strings = {"nginx", "redis", "iperf3"})
  void withOurOwnRecordLayer(String program) {
    tryOut("--own-records " + program);
  }

  private static void tryOut(String program) {
    Output output =
        LAB.vm()
            .run(
                LIMIT,
                "cd /opt/hauberk/e2e/apps && ./programs.py --scale %d %s"
                    .formatted(SCALE, program));
    Tap tap = Tap.of(output);
    assertThat(tap.passed()).isEqualTo(RESULTS);
    tap.remarks().forEach(line -> LOG.info("{}", line));
  }
}
