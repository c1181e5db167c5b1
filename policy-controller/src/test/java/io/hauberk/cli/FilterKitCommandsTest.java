// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.cli.Harness.Outcome;
import io.hauberk.proxy.TestGuests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code hauberk filter new}, {@code check} and {@code test}. */
class FilterKitCommandsTest {
  @TempDir private Path directory;
  private Harness hauberk;
  private Path filter;

  @BeforeEach
  void prepare() throws IOException {
    hauberk = new Harness(directory);
    hauberk.kernel.unload();
    filter = Files.write(directory.resolve("pass.wasm"), TestGuests.pass());
    installTool("exit 0");
  }

  /** A program in the place of hauberk-wasm. */
  private void installTool(String script) throws IOException {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Path tool = Files.writeString(bin.resolve("hauberk-wasm"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    hauberk.variables.put("HAUBERK_BIN", bin.toString());
  }

  private Path script(String yaml) throws IOException {
    return Files.writeString(directory.resolve("events.yaml"), yaml);
  }

  private static final String TRACE =
      """
      callback proxy_on_downstream_data(2, 2, 0) -> 0
      out up "hi"
      """;

  @Test
  void testPrintsWhatHappens() throws IOException {
    Path script = script("{name: x, events: [start, open, {down: hi, expect: ['out up \"hi\"']}]}");
    assertThat(hauberk.run("filter", "test", filter, "--script", script))
        .isEqualTo(new Outcome(0, TRACE + "x: passed\n", ""));
    assertThat(hauberk.run("filter", "test", "--trace", "--script", script, filter))
        .isEqualTo(new Outcome(0, TRACE, ""));
  }

  @Test
  void testTellsWhatWasExpected() throws IOException {
    Path script = script("{name: x, events: [start, open, {down: hi, expect: [out up]}]}");
    assertThat(hauberk.run("filter", "test", filter, "--script", script))
        .isEqualTo(
            new Outcome(
                65, TRACE + "x: failed\n", "hauberk: x, event 3 (down): expected out up\n"));
    assertThat(hauberk.run("filter", "test", "--json", filter, "--script", script).out())
        .isEqualTo(
            "[{\"script\":\"x\",\"passed\":false,\"trace\":[\"callback"
                + " proxy_on_downstream_data(2, 2, 0) -> 0\",\"out up \\\"hi\\\"\"],"
                + "\"faults\":[\"x, event 3 (down): expected out up\"]}]\n");
  }

  @Test
  void testFindsTheModuleByItsName() throws IOException {
    Path script =
        script("{module: pass, scripts: [{name: a, events: [start]}, {name: b, events: [tick]}]}");
    assertThat(hauberk.run("filter", "test", "--script", script).out())
        .isEqualTo("# a\na: passed\n# b\nerror not started\nb: passed\n");
    assertThat(hauberk.run("filter", "test", "--script", script, "--only", "b").out())
        .isEqualTo("error not started\nb: passed\n");
    assertThat(hauberk.run("filter", "test", "--script", script, "--render").out())
        .isEqualTo("start\ntick\n");
    assertThat(hauberk.run("filter", "test", "none", "--script", script))
        .isEqualTo(new Outcome(66, "", "hauberk: there is no module none\n"));
    assertThat(hauberk.run("filter", "test", "--script", script, "--only", "c").err())
        .isEqualTo("hauberk: no script is named c\n");
  }

  @Test
  void testKeepsTraces() throws IOException {
    Path script =
        script(
            "{module: pass, scripts: [{name: a, events: [start]},"
                + " {name: b, events: [tick], forbid: [/not/]}]}");
    Path traces = directory.resolve("traces");
    Outcome outcome =
        hauberk.run(
            "filter", "test", "--modules", directory, "--script", script, "--traces", traces);
    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                65,
                "# b\nerror not started\nb: failed\n",
                "hauberk: b: forbidden by /not/: error not started\n"));
    assertThat(traces.resolve("a.trace")).isEmptyFile();
    assertThat(traces.resolve("b.trace")).hasContent("error not started\n");
    assertThat(traces.resolve("b.script")).hasContent("tick\n");
  }

  @Test
  void testTakesTheTextForm() throws IOException {
    Path text = Files.writeString(directory.resolve("x"), "start\nopen\n# no\ndown \"hi\"\n");
    assertThat(hauberk.run("filter", "test", filter, "--text", text).out())
        .isEqualTo(TRACE + "x: passed\n");
  }

  @Test
  void testTellsWhatIsWrongWithAScript() throws IOException {
    Outcome outcome =
        hauberk.run("filter", "test", filter, "--script", script("{name: x, events: [{fly: 1}]}"));
    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.err()).endsWith("x, event 1: there is no event 'fly'\n");
    assertThat(hauberk.run("filter", "test", filter).status()).isEqualTo(64);
  }

  @Test
  void checkTellsWhatAFilterIs() {
    assertThat(hauberk.run("filter", "check", filter))
        .isEqualTo(
            new Outcome(
                0,
                filter
                    + ": ok, ABI 0.2.1, "
                    + TestGuests.pass().length
                    + " B, 1 page, 0 imports, 1 callback\n",
                ""));
    assertThat(hauberk.run("filter", "check", "--json", filter).out())
        .isEqualTo(
            "[{\"file\":\""
                + filter
                + "\",\"usable\":true,\"abi\":\"0.2.1\",\"size\":"
                + TestGuests.pass().length
                + ",\"pages\":1,\"start\":false,\"floats\":[],\"imports\":[],"
                + "\"callbacks\":[\"proxy_on_downstream_data\"],\"faults\":[],\"advice\":[]}]\n");
  }

  @Test
  void checkHasTheKernelsVerdict() throws IOException {
    installTool("echo \"$1 $2: byte 3: wrong\" >&2; exit 1");
    Outcome outcome = hauberk.run("filter", "check", filter);
    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.out())
        .contains("no filter")
        .contains("fault:  the kernel refuses it: validate " + filter + ": byte 3: wrong\n");
  }

  @Test
  void checkWorksWithoutTheKernelsValidator() {
    hauberk.variables.put("HAUBERK_BIN", directory.toString());
    Outcome outcome = hauberk.run("filter", "check", filter);
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).contains("advice: the kernel's validator was not asked");
  }

  @Test
  void checkRefusesWhatIsNoModule() throws IOException {
    Path wrong = Files.writeString(directory.resolve("wrong.wasm"), "no module");
    Outcome outcome = hauberk.run("filter", "check", wrong, filter);
    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.out())
        .startsWith(wrong + ": no filter, no ABI, 9 B")
        .contains("fault:  it is not a valid module")
        .contains(filter + ": ok");
    assertThat(hauberk.run("filter", "check", directory.resolve("none")).status()).isEqualTo(66);
  }

  @ParameterizedTest
  @ValueSource(strings = {"c", "AssemblyScript"})
  void newMakesAFolder(String language) throws IOException {
    Outcome outcome =
        hauberk.run("filter", "new", "-C", directory, "my-filter", "--language", language);
    Path folder = directory.resolve("my-filter");
    assertThat(outcome)
        .isEqualTo(
            new Outcome(0, folder + ": now 'make' there, then 'make check' and 'make test'\n", ""));
    assertThat(folder.resolve("Makefile"))
        .content()
        .startsWith("# SPDX")
        .contains("my-filter.wasm:");
    try (var files = Files.list(folder)) {
      assertThat(files).allSatisfy(file -> assertThat(file).content().doesNotContain("@NAME@"));
    }
    if (language.equals("c")) {
      assertThat(folder.resolve("my-filter.c")).content().contains("x-my-filter");
      assertThat(folder.resolve("proxy_wasm.h")).content().contains("proxy_on_configure");
    }
    assertThat(hauberk.run("filter", "new", "-C", directory, "my-filter"))
        .isEqualTo(new Outcome(73, "", "hauberk: " + folder + " is there already\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "X", "-x", "a b", "9"})
  void newWantsAName(String name) {
    Outcome outcome = hauberk.run("filter", "new", "-C", directory, "--", name);
    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).contains("a filter's name is of a-z");
  }

  @Test
  void newKnowsTwoLanguages() {
    Outcome outcome = hauberk.run("filter", "new", "x", "--language", "cobol");
    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).contains("c or assemblyscript, not cobol");
    assertThat(Path.of("x")).doesNotExist();
  }
}
