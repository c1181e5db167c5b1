// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.pki.StateDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own: signals and exit statuses. There is no device here. */
@Timeout(120)
class ServeProcessTest {
  @TempDir private Path directory;
  private Harness hauberk;

  @BeforeEach
  void makeHarness() throws IOException {
    hauberk = new Harness(directory);
    hauberk.run("init", "--trust-domain", "example.org");
  }

  @Test
  void itWaitsForTheModuleAndStopsWithStatusZero() throws Exception {
    Process daemon = start();
    try (BufferedReader log = daemon.inputReader()) {
      await(log, "missing-device is not there");
      signal(daemon, "HUP");
      Files.writeString(hauberk.rules, "rules: [");
      await(log, "was not applied; the rules stay as they are");
      signal(daemon, "TERM");
      await(log, "stopping on SIGTERM");

      assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(daemon.exitValue()).isZero();
    } finally {
      daemon.destroyForcibly();
    }
  }

  @Test
  void mistakesAtTheStartEndIt() throws Exception {
    Files.writeString(hauberk.rules, "rules: [");
    Process daemon = start();
    try (BufferedReader log = daemon.inputReader()) {
      assertThat(log.readLine()).startsWith("hauberk: " + hauberk.rules + ":1:9: ");
      assertThat(daemon.waitFor()).isEqualTo(65);
    } finally {
      daemon.destroyForcibly();
    }
  }

  @Test
  void aSecondOneIsRefused() throws Exception {
    try (FileChannel first = new StateDirectory(hauberk.state).claim().orElseThrow()) {
      assertThat(first.isOpen()).isTrue();
      Process daemon = start();
      try (BufferedReader log = daemon.inputReader()) {
        assertThat(log.readLine())
            .isEqualTo("hauberk: another hauberk serve keeps " + hauberk.state + " already");
        assertThat(daemon.waitFor()).isEqualTo(69);
      } finally {
        daemon.destroyForcibly();
      }
    }
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Dlogback.configurationFile=logback.xml",
            Main.class.getName(),
            "serve",
            "--device",
            directory.resolve("missing-device").toString(),
            "--state",
            hauberk.state.toString(),
            hauberk.rules.toString());
    return builder.redirectErrorStream(true).start();
  }

  /** Reads up to the line that holds this text; the test's time limit ends the wait. */
  private static void await(BufferedReader log, String text) throws IOException {
    StringBuilder seen = new StringBuilder();
    String line = log.readLine();
    while (line != null && !line.contains(text)) {
      seen.append(line).append('\n');
      line = log.readLine();
    }
    assertThat(line).as("\"%s\" after:%n%s", text, seen).isNotNull();
  }

  private static void signal(Process process, String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
