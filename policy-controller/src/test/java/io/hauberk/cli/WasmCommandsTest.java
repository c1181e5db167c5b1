// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.cli.Harness.Outcome;
import io.hauberk.device.DeviceRefusedException;
import io.hauberk.device.Errno;
import io.hauberk.wasm.Extern;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestCall;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestExport;
import io.hauberk.wasm.GuestImport;
import io.hauberk.wasm.GuestResult;
import io.hauberk.wasm.Value;
import io.hauberk.wasm.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code hauberk wasm} and {@code hauberk filter}. */
class WasmCommandsTest {
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final String DIGEST = "0123456789abcdef".repeat(4);
  private static final Extern.Function ADD =
      new Extern.Function(List.of(ValueType.I32, ValueType.I32), List.of(ValueType.I32));

  @TempDir private Path directory;
  private Harness hauberk;
  private Path file;

  @BeforeEach
  void prepare() throws IOException {
    hauberk = new Harness(directory);
    file = Files.write(directory.resolve("my test.wasm"), MODULE);
    hauberk.kernel.imports.add(
        new GuestImport("hauberk", "log", new Extern.Function(List.of(ValueType.I32), List.of())));
    hauberk.kernel.exports.add(new GuestExport("add", ADD));
    hauberk.kernel.exports.add(
        new GuestExport("memory", new Extern.Memory(1, OptionalLong.of(16))));
    hauberk.kernel.exports.add(
        new GuestExport("a\u001b[2Jb", new Extern.Global(ValueType.I64, true)));
    hauberk.kernel.exports.add(
        new GuestExport("t", new Extern.Table(ValueType.FUNCREF, 2, OptionalLong.empty())));
    hauberk.kernel.result =
        new GuestResult(List.of(new Value(ValueType.I32, 5)), "", 4, Duration.ofNanos(1234));
  }

  private void addGuest(boolean quarantined) {
    Guest guest =
        new Guest(
            "stamp",
            Instant.parse("2026-03-01T11:59:00Z"),
            2048,
            DIGEST,
            true,
            true,
            quarantined,
            100,
            12,
            4000,
            3,
            5_000_000,
            7,
            1,
            4,
            Optional.of(new Extern.Memory(1, OptionalLong.empty())));
    hauberk.kernel.guests.add(
        new GuestDetails(guest, hauberk.kernel.imports, hauberk.kernel.exports));
  }

  @Test
  void loadsUnderTheFilesName() {
    assertThat(hauberk.run("wasm", "load", file))
        .isEqualTo(new Outcome(0, "my-test: 2 functions, 1 import, 4 exports, interpreted\n", ""));
    assertThat(hauberk.kernel.modules).hasSize(1);
    assertThat(hauberk.kernel.modules.get(0).bytes()).isEqualTo(MODULE);
    assertThat(hauberk.kernel.modules.get(0).owned()).isFalse();
  }

  @Test
  void loadsUnderAnotherNameAndWithFlags() {
    hauberk.run("wasm", "load", "--name", "other", "--no-floats", "--interpret", file);
    assertThat(hauberk.kernel.modules.get(0).name()).isEqualTo("other");
    assertThat(hauberk.kernel.modules.get(0).noFloats()).isTrue();
    assertThat(hauberk.kernel.modules.get(0).interpret()).isTrue();
  }

  @Test
  void aRefusalNamesTheModuleAndThePlace() {
    hauberk.kernel.moduleRefusal =
        new DeviceRefusedException(8, "type mismatch (function 2, byte 38)", "module my-test");
    assertThat(hauberk.run("wasm", "load", file))
        .isEqualTo(
            new Outcome(
                65,
                "",
                "hauberk: module my-test: type mismatch (function 2, byte 38) (ENOEXEC)\n"));
  }

  @Test
  void aFileThatIsNotThereIsToldBeforeTheDevice() {
    hauberk.kernel.unload();
    Path missing = directory.resolve("none.wasm");
    for (String verb : List.of("load", "validate")) {
      assertThat(hauberk.run("wasm", verb, missing))
          .isEqualTo(new Outcome(66, "", "hauberk: " + missing + " is not there\n"));
    }
    assertThat(hauberk.run("wasm", "run", "-f", missing, "add").status()).isEqualTo(66);
    assertThat(hauberk.run("filter", "compile", missing).status()).isEqualTo(66);
  }

  @Test
  void listsGuests() {
    addGuest(true);
    assertThat(hauberk.run("wasm", "list").out())
        .isEqualTo(
            """
            NAME   MODE      STATE           SIZE   MEMORY  INSTANCES  CALLS  TRAPS  INSTRUCTIONS   AGE
            stamp  compiled  quarantined  2.0 KiB  4.8 MiB          3    100     12          4000  1m0s
            """);
  }

  @Test
  void listsGuestsInJson() {
    addGuest(false);
    assertThat(hauberk.run("wasm", "list", "--json").out()).isEqualTo("[{" + GUEST_JSON + "}]\n");
  }

  private static final String GUEST_JSON =
      "\"name\":\"stamp\",\"loaded\":\"2026-03-01T11:59:00Z\",\"size\":2048,\"sha256\":\""
          + DIGEST
          + "\",\"compiled\":true,\"floats\":true,\"quarantined\":false,\"calls\":100,"
          + "\"traps\":12,\"instructions\":4000,\"instances\":3,\"memoryBytes\":5000000,"
          + "\"functions\":7,\"memory\":{\"min\":1}";

  @Test
  void tellsOfOneGuest() {
    addGuest(false);
    assertThat(hauberk.run("wasm", "info", "stamp").out())
        .isEqualTo(
            """
            guest      stamp, loaded 1m0s ago
            module     2.0 KiB, sha256 %s
            mode       compiled, with floats
            state      ready
            calls      100, 12 trapped, 4000 instructions
            instances  3, 4.8 MiB in all
            memory     1 or more pages
            functions  7

            IMPORT  OF       TYPE
            log     hauberk  func (i32) -> ()

            EXPORT       TYPE
            add          func (i32, i32) -> (i32)
            memory       memory of 1 to 16 pages
            a\\u{1b}[2Jb  global mut i64
            t            table of 2 or more funcref
            """
                .formatted(DIGEST));
  }

  @Test
  void tellsOfOneGuestInJson() {
    addGuest(false);
    assertThat(hauberk.run("wasm", "info", "--json", "stamp").out())
        .isEqualTo(
            "{"
                + GUEST_JSON
                + ",\"imports\":[{\"module\":\"hauberk\",\"name\":\"log\",\"kind\":\"func\","
                + "\"parameters\":[\"i32\"],\"results\":[]}],\"exports\":[{\"name\":\"add\","
                + "\"kind\":\"func\",\"parameters\":[\"i32\",\"i32\"],\"results\":[\"i32\"]},"
                + "{\"name\":\"memory\",\"kind\":\"memory\",\"min\":1,\"max\":16},"
                + "{\"name\":\"a\\u001B[2Jb\",\"kind\":\"global\",\"type\":\"i64\",\"mutable\":true},"
                + "{\"name\":\"t\",\"kind\":\"table\",\"type\":\"funcref\",\"min\":2}]}\n");
  }

  @Test
  void aGuestThatIsNotThere() {
    for (String verb : List.of("info", "unload")) {
      assertThat(hauberk.run("wasm", verb, "none"))
          .isEqualTo(new Outcome(65, "", "hauberk: guest none: there is no such guest (ENOENT)\n"));
    }
  }

  @Test
  void runsAFileAndLeavesNothingBehind() {
    assertThat(hauberk.run("wasm", "run", "-f", file, "add", "2", "-3"))
        .isEqualTo(new Outcome(0, "5\n4 instructions in 1.2 us, interpreted\n", ""));
    String name = "run-" + ProcessHandle.current().pid();
    assertThat(hauberk.kernel.calls)
        .containsExactly(
            new GuestCall(
                name,
                "add",
                List.of(new Value(ValueType.I32, 2), new Value(ValueType.I32, 0xfffffffdL)),
                OptionalLong.empty()));
    assertThat(hauberk.kernel.modules.get(0).owned()).isTrue();
    assertThat(hauberk.kernel.guests).isEmpty();
  }

  @Test
  void runsAGuestWithABudget() {
    addGuest(false);
    hauberk.kernel.said.add("hello");
    assertThat(hauberk.run("wasm", "run", "--budget", "9", "--json", "stamp", "add", "0x2", "3"))
        .isEqualTo(
            new Outcome(
                0,
                "{\"results\":[\"5\"],\"log\":[\"hello\"],\"trap\":\"\",\"instructions\":4,\"nanoseconds\":1234,"
                    + "\"compiled\":true}\n",
                ""));
    assertThat(hauberk.kernel.calls.get(0).budget()).hasValue(9);
  }

  @Test
  void whatAGuestSaysMovesNoCursor() {
    addGuest(false);
    hauberk.kernel.said.add("\u001b[2Jgone");
    assertThat(hauberk.run("wasm", "run", "stamp", "add", "1", "2").out())
        .startsWith("\\u{1b}[2Jgone\n");
    assertThat(hauberk.run("wasm", "log").out()).isEqualTo("stamp: \\u{1b}[2Jgone\n");
  }

  @Test
  void whatAGuestSaysIsShown() {
    addGuest(false);
    hauberk.kernel.log.add("stamp: long ago");
    hauberk.kernel.said.addAll(List.of("hello", "", "world"));
    assertThat(hauberk.run("wasm", "run", "stamp", "add", "1", "2").out())
        .isEqualTo("hello\n\nworld\n5\n4 instructions in 1.2 us, compiled\n");
    assertThat(hauberk.run("wasm", "log").out())
        .isEqualTo("stamp: long ago\nstamp: hello\nstamp: \nstamp: world\n");
  }

  @Test
  void aTrapIsAnError() {
    addGuest(false);
    hauberk.kernel.result =
        new GuestResult(List.of(), "integer divide by zero", 3, Duration.ofMillis(12));
    assertThat(hauberk.run("wasm", "run", "stamp", "add", "1", "0"))
        .isEqualTo(
            new Outcome(
                65,
                "3 instructions in 12.0 ms, compiled\n",
                "hauberk: trap: integer divide by zero\n"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "add 2 | add is func (i32, i32) -> (i32): it takes 2 arguments, not 1",
        "sub 2 3 | no function 'sub' is exported; there is add",
        "memory | no function 'memory' is exported; there is add",
        "add 2 x | 'x' is not an i32",
        "add 2 1.5 | '1.5' is not an i32",
        "add 2 4294967296 | 4294967296 does not fit into an i32",
        "add 2 -2147483649 | -2147483649 does not fit into an i32",
      })
  void aCallThatCannotBe(String words, String message) {
    addGuest(false);
    assertThat(hauberk.run((Object[]) ("wasm run stamp " + words).split(" ")))
        .isEqualTo(new Outcome(65, "", "hauberk: " + message + "\n"));
    assertThat(hauberk.kernel.calls).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "run | run needs NAME and EXPORT",
        "run stamp | run needs NAME and EXPORT",
        "run -f x.wasm | run needs EXPORT",
        "run --budget 0 stamp add | --budget is at least 1",
        "run --interpret stamp add | --no-floats and --interpret go with -f",
      })
  void aMistakeOfUsage(String words, String message) {
    Outcome outcome = hauberk.run((Object[]) ("wasm " + words).split(" "));
    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).startsWith("hauberk: " + message + "\n");
  }

  @Test
  void unloads() {
    addGuest(false);
    assertThat(hauberk.run("wasm", "unload", "stamp")).isEqualTo(new Outcome(0, "", ""));
    assertThat(hauberk.kernel.guests).isEmpty();
  }

  @Test
  void aRefusalThatPassesIsToldApart() {
    hauberk.kernel.moduleRefusal =
        new DeviceRefusedException(Errno.EBUSY, "a guest has this name", "guest my-test");
    assertThat(hauberk.run("wasm", "load", file).status()).isEqualTo(75);
  }

  /** A program in the place of hauberk-wasm. */
  private void installTool(String script) throws IOException {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Path tool = Files.writeString(bin.resolve("hauberk-wasm"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    hauberk.variables.put("HAUBERK_BIN", bin.toString());
  }

  @Test
  void validatesWithoutAKernel() throws IOException {
    hauberk.kernel.unload();
    installTool("echo \"$1 $2: fine\"; echo careful >&2");
    assertThat(hauberk.run("wasm", "validate", file))
        .isEqualTo(new Outcome(0, "validate " + file + ": fine\n", "careful\n"));
    installTool("echo wrong >&2; exit 1");
    assertThat(hauberk.run("wasm", "validate", file, file))
        .isEqualTo(new Outcome(65, "", "wrong\nwrong\n"));
  }

  @Test
  void withoutTheProgramValidateSaysWhatToDo() {
    hauberk.variables.put("HAUBERK_BIN", directory.toString());
    Outcome outcome = hauberk.run("wasm", "validate", file);
    assertThat(outcome.status()).isEqualTo(69);
    assertThat(outcome.err()).contains("hauberk-wasm cannot be run").contains("make controller");
  }

  @Test
  void compileTellsOfMissingHeaders() throws IOException {
    installTool("echo code");
    Outcome outcome =
        hauberk.run("filter", "compile", "--kdir", "/lib/modules/9.9-none/build", file);
    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                69,
                "",
                "hauberk: /lib/modules/9.9-none/build has no prepared kernel headers:"
                    + " install linux-headers-9.9-none or name a folder that has them with"
                    + " --kdir\n"));
  }

  /** A kernel whose makefile shows what it gets. */
  private Path fakeKernel(String recipe) throws IOException {
    Path kernel = directory.resolve("kernel");
    Files.createDirectories(kernel.resolve("include/generated"));
    Files.writeString(
        kernel.resolve("include/generated/utsrelease.h"), "#define UTS_RELEASE \"9.9-test\"\n");
    Files.writeString(kernel.resolve("Makefile"), "modules:\n\t" + recipe + "\n");
    Path kit = Files.createDirectories(directory.resolve("kit/core/wasm"));
    Files.writeString(kit.resolve("compiled.h"), "");
    hauberk.variables.put("HAUBERK_KIT", directory.resolve("kit").toString());
    return kernel;
  }

  @Test
  void compilesWithTheKernelsMakefiles() throws IOException {
    installTool("echo \"$1 $2 $3\" > \"$4/my_test.c\"");
    Path kernel = fakeKernel("@(cat $(M)/my_test.c; echo $(HAUBERK) $(ARCH)) > $(M)/my_test.ko");
    hauberk.variables.put("ARCH", "um");
    Path out = directory.resolve("out");
    Path built = out.resolve("my_test.ko");
    assertThat(hauberk.run("filter", "compile", "--kdir", kernel, "-o", out, file))
        .isEqualTo(new Outcome(0, built + "\n", ""));
    assertThat(built)
        .hasContent("translate " + file + " -o\n" + directory.resolve("kit") + " um\n");
  }

  @Test
  void whatTheCompilerSaysIsShown() throws IOException {
    installTool("echo code");
    Path kernel = fakeKernel("@echo 'guest.c:1: it is wrong' >&2; exit 1");
    Outcome outcome = hauberk.run("filter", "compile", "--kdir", kernel, file);
    assertThat(outcome.status()).isEqualTo(69);
    assertThat(outcome.err())
        .contains("the kernel's makefiles failed for 9.9-test")
        .contains("guest.c:1: it is wrong");
    assertThat(directory.resolve("my_test.ko")).doesNotExist();
  }

  @Test
  void aFrameThatIsTooLargeIsToldByItsFunction() throws IOException {
    installTool("echo code");
    Path kernel =
        fakeKernel(
            "@printf \"x.c: In function 'f7.part.0':\\\\nx.c:9:1: error: the frame size of 9001 bytes is"
                + " larger than 8192 bytes [-Werror]\\\\n\" >&2; exit 1");
    assertThat(hauberk.run("filter", "compile", "--kdir", kernel, file))
        .isEqualTo(
            new Outcome(
                69,
                "",
                "hauberk: function 7 needs a stack frame of 9001 bytes, it may have 8192: the module"
                    + " can be interpreted\n"));
  }

  @Test
  void aCompilerThatTakesTooLongIsEnded() throws IOException {
    installTool(
        "printf 'static u32 f3(int)\\n{\\n}\\nstatic void f4(int a)\\n{\\n\\ta();\\n}\\n' >\"$4/x.c\"");
    Path kernel = fakeKernel("@sleep 1000");
    assertThat(hauberk.run("filter", "compile", "--timeout", "1", "--kdir", kernel, file))
        .isEqualTo(
            new Outcome(
                69,
                "",
                "hauberk: the compiler was not done after 1 s: the module can be interpreted, or"
                    + " --timeout be longer; its largest function is 4, with 3 lines of C\n"));
    assertThat(hauberk.run("filter", "compile", "--timeout", "0", file).status()).isEqualTo(64);
  }

  @Test
  void whatTheTranslatorSaysIsShown() throws IOException {
    installTool("echo 'byte 38: type mismatch' >&2; exit 1");
    Outcome outcome = hauberk.run("filter", "compile", "--kdir", fakeKernel("false"), file);
    assertThat(outcome).isEqualTo(new Outcome(65, "", "hauberk: byte 38: type mismatch\n"));
  }

  @Test
  void groupsNeedAVerb() {
    assertThat(hauberk.run("wasm").status()).isEqualTo(64);
    assertThat(hauberk.run("filter").status()).isEqualTo(64);
    assertThat(hauberk.run("wasm", "--help").out()).contains("validate").contains("unload");
    assertThat(hauberk.run("wasm", "run", "--help").out()).contains("-f FILE EXPORT");
  }
}
