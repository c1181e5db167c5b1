// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The core test suite of WebAssembly in the kernel: the same assertions, judged by the same
 * program, as in user space.
 *
 * <pre>
 *   core-suite ---- lines, answers ---- debugfs ---- hauberk_suite.ko ---- the engine in wasm.ko
 *                                                        |
 *                            hauberk_suite_guests.ko ----+ every module of it, compiled
 * </pre>
 */
@Tag("suite")
final class CoreSuiteIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final Logger LOG = LoggerFactory.getLogger(CoreSuiteIT.class);
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Pattern SUM =
      Pattern.compile("core suite: (\\d+) files, (\\d+) passed, 0 failed, (\\d+) excluded");

  /** How many there are, and why each other one is none for a kernel. */
  private static final int LEAST_PASSED = 28_500;

  private static final String SHALLOW = "2 deeper than the stack of user-mode Linux";

  private static final List<String> EXCLUDED =
      List.of(
          "581 about the text format only",
          "3 comments.wast: newer text syntax that Debian's wabt 1.0.32 cannot convert");

  /** Its one module has a frame of 16 KiB: `hauberk filter compile` refuses it. */
  private static final String NOT_COMPILED = "skip-stack-guard-page";

  private static final int NOT_COMPILED_ASSERTIONS = 12;

  @BeforeAll
  static void load() {
    LAB.vm().run("insmod /opt/hauberk/modules/$(uname -r)/tests/hauberk_suite.ko").ok();
  }

  @AfterAll
  static void unload() {
    LAB.vm().run("rmmod hauberk_suite").ok();
  }

  @Test
  @Tag("6.12")
  @Tag("debug")
  void everyAssertionPassesInterpreted() {
    assertThat(passed("$(ls | sed -n 's/\\.\\(json\\|excluded\\)$//p')"))
        .isGreaterThanOrEqualTo(LEAST_PASSED);
    LAB.assertCleanLog();
  }

  @Test
  void everyAssertionPassesCompiled() {
    LAB.vm().run("insmod /opt/hauberk/modules/$(uname -r)/tests/hauberk_suite_guests.ko").ok();
    LAB.vm().run("echo 1 >/sys/module/hauberk_suite/parameters/compiled_only").ok();
    int passed =
        passed("$(ls | sed -n 's/\\.\\(json\\|excluded\\)$//p' | grep -vx " + NOT_COMPILED + ")");
    assertThat(passed).isGreaterThanOrEqualTo(LEAST_PASSED - NOT_COMPILED_ASSERTIONS);
    LAB.vm().run("echo 0 >/sys/module/hauberk_suite/parameters/compiled_only").ok();
    LAB.vm().run("rmmod hauberk_suite_guests").ok();
    LAB.assertCleanLog();
  }

  /** Runs these files of the suite; all that is not excluded must pass. */
  private static int passed(String files) {
    Output output =
        LAB.vm()
            .run(
                LIMIT,
                "cd /opt/hauberk/suite && "
                    + (LAB.isDebug() ? "HAUBERK_SUITE_SHALLOW=1 " : "")
                    + "./core-suite --converted"
                    + " /sys/kernel/debug/hauberk-suite . "
                    + files);
    output.out().lines().forEach(LOG::info);
    output.ok();
    List<String> lines = output.out().lines().map(String::strip).toList();
    assertThat(lines.stream().filter(line -> line.startsWith("excluded")).map(CoreSuiteIT::reason))
        .as("what is left out, and why")
        .containsExactlyInAnyOrderElementsOf(excluded());
    Matcher sum = SUM.matcher(lines.get(lines.size() - 1));
    assertThat(sum.matches()).as(lines.get(lines.size() - 1)).isTrue();
    return Integer.parseInt(sum.group(2));
  }

  private static List<String> excluded() {
    return Stream.concat(EXCLUDED.stream(), LAB.isDebug() ? Stream.of(SHALLOW) : Stream.empty())
        .toList();
  }

  private static String reason(String line) {
    return line.substring("excluded".length()).strip();
  }
}
