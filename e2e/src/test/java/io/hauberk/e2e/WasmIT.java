// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.e2e.lab.Background;
import io.hauberk.e2e.lab.Lab;
import io.hauberk.e2e.lab.Output;
import io.hauberk.e2e.lab.Tap;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * WebAssembly guests in the kernel, through the device and from the command line.
 *
 * <pre>
 *   e2e/guest/device_wasm.py ---- frames ----------- /dev/hauberk ---- wasm.ko
 *   hauberk wasm load, run … ---- the controller --------+
 * </pre>
 */
@Tag("6.12")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class WasmIT {
  @RegisterExtension static final Lab LAB = new Lab();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(400);
  private static final String MODULES = "/opt/hauberk/e2e/modules/";

  /** The program prints TAP: a line for each check, and how many they should be. */
  @Test
  @Order(1)
  @Tag("debug")
  void theDeviceServesGuests() {
    assertChecks("");
  }

  /**
   * What `hauberk filter compile` has made of the same modules passes the same checks; not for the
   * debug kernel.
   */
  @Test
  @Order(2)
  void compiledGuestsDoTheSame() {
    insmodGuests();
    assertChecks("compiled");
    LAB.vm().run("rmmod test floats").ok();
  }

  private static void insmodGuests() {
    LAB.vm()
        .run("for m in /opt/hauberk/modules/$(uname -r)/guests/*.ko; do insmod $m || exit 1; done")
        .ok();
  }

  @Test
  @Order(3)
  void aCompiledGuestStaysWhileItIsUsed() {
    insmodGuests();
    wasm("load --name held test.wasm").ok();
    assertThat(LAB.vm().run("rmmod test").failed().err()).contains("test is in use");
    assertThat(wasm("run held add 2 3").ok().out()).startsWith("5\n").contains(", compiled");
    wasm("unload held").ok();
    LAB.vm().run("rmmod test floats").ok();
    assertThat(wasm("run -f test.wasm add 2 3").ok().out()).contains(", interpreted");
  }

  /** A host module goes with the guests that import from it, but not under one that may call it. */
  @Test
  @Order(3)
  @Tag("debug")
  void aHostModuleIsNotCalledOnceItIsGone() {
    LAB.vm()
        .run(
            "cd /opt/hauberk/modules/$(uname -r)/tests && insmod hauberk_test_host.ko && insmod"
                + " hauberk_test_holder.ko")
        .ok();
    LAB.vm().run("cd /opt/hauberk/e2e && ./hbk_tool.py load host modules/host.wasm").ok();
    holder("find host").ok();
    holder("instance").ok();
    assertThat(LAB.vm().run("rmmod hauberk_test_host").failed().err()).contains("in use");
    holder("free").ok();
    LAB.vm().run("rmmod hauberk_test_host").ok();
    assertThat(holder("instance").failed().err()).contains("No such file or directory");
    holder("put").ok();
    assertThat(holder("find host").failed().err()).contains("No such file or directory");
    LAB.vm().run("rmmod hauberk_test_holder").ok();
    LAB.assertCleanLog();
  }

  private static Output holder(String words) {
    return LAB.vm().run("printf '%s' '" + words + "' >/sys/kernel/debug/hauberk-holder");
  }

  @Test
  @Order(3)
  void whatAGuestSaysIsKept() {
    Output output = wasm("run -f say.wasm say").ok();
    assertThat(output.out().lines().findFirst()).hasValue("info: all is .[2Jwell");
    assertThat(wasm("log").ok().out().lines())
        .last()
        .asString()
        .matches("run-[0-9]+: info: all is \\.\\[2Jwell");
  }

  private static void assertChecks(String words) {
    Output output = LAB.vm().run(LIMIT, "cd /opt/hauberk/e2e && python3 device_wasm.py " + words);
    assertThat(Tap.of(output).asPlanned().passed()).isGreaterThanOrEqualTo(75);
  }

  /** What follows takes a Java virtual machine for each line: too slow under the debug kernel. */
  private static Output wasm(String words) {
    return LAB.vm().run(LIMIT, "cd " + MODULES + " && hauberk wasm " + words);
  }

  private static JsonNode json(Output output) {
    return JSON.readTree(output.out());
  }

  @Test
  @Tag("long")
  @Order(2)
  void twoAndThreeAreFiveInTheKernel() {
    Output output = wasm("run -f test.wasm add 2 3").ok();
    List<String> lines = output.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).isEqualTo("5");
    assertThat(lines.get(1))
        .matches("[1-9][0-9]* instructions in [0-9.]+ [num]?s, (interpreted|compiled)");
    assertThat(wasm("list --json").ok().out()).as("what a run leaves behind").isEqualTo("[]\n");
  }

  @Test
  @Tag("long")
  @Order(3)
  void aGuestIsLoadedShownRunAndUnloaded() {
    assertThat(wasm("load --name sums test.wasm").ok().out())
        .startsWith("sums: ")
        .contains("0 imports");
    JsonNode list = json(wasm("list --json").ok());
    assertThat(list.size()).isEqualTo(1);
    assertThat(list.get(0).path("name").asString()).isEqualTo("sums");
    assertThat(wasm("info sums").ok().out())
        .containsPattern("add +func \\(i32, i32\\) -> \\(i32\\)")
        .containsPattern("memory +memory of 1 to 4 pages")
        .contains("ready");
    JsonNode swapped = json(wasm("run --json sums swap -5 0x10000000000").ok());
    assertThat(swapped.path("results").get(0).asString()).isEqualTo("1099511627776");
    assertThat(swapped.path("results").get(1).asString()).isEqualTo("-5");
    assertThat(swapped.path("instructions").asLong()).isPositive();
    assertThat(swapped.path("nanoseconds").asLong()).isPositive();
    assertThat(wasm("load --name sums test.wasm").failed().err()).contains("EEXIST");
    wasm("unload sums").ok();
    assertThat(wasm("info sums").status(65).err()).contains("guest sums", "ENOENT");
  }

  @Test
  @Tag("long")
  @Order(4)
  void trapsAreNamed() {
    assertThat(wasm("run -f test.wasm div 1 0").status(65).err())
        .isEqualTo("hauberk: trap: integer divide by zero\n");
    assertThat(wasm("run -f test.wasm --budget 1000000 loop").status(65).err())
        .isEqualTo("hauberk: trap: fuel exhausted\n");
  }

  @Test
  @Tag("long")
  @Order(5)
  void everyUnknownImportIsListed() {
    assertThat(wasm("load unknown.wasm").status(65).err())
        .contains("hauberk.no_such_thing", "nobody.knows", "nobody.remembers");
  }

  @Test
  @Tag("long")
  @Order(6)
  void floatsAreRefusedWhereTheyAreForbidden() {
    assertThat(wasm("run -f floats.wasm mul 1.5 -2.25").ok().out()).startsWith("-3.375\n");
    assertThat(wasm("load --no-floats floats.wasm").status(65).err()).contains("float");
  }

  @Test
  @Tag("long")
  @Order(7)
  void aGuestInUseIsNotUnloaded() {
    wasm("load --name busy test.wasm").ok();
    Background loop = LAB.vm().start("loop", "hauberk wasm run --budget 1000000000000 busy loop");
    LAB.vm()
        .run(
            LIMIT,
            "cd /opt/hauberk/e2e && timeout 300 sh -c 'until ./hbk_tool.py guests | grep -q"
                + " \"\\\"INSTANCES\\\": 1\"; do sleep 0.5; done'")
        .ok();
    assertThat(wasm("unload busy").status(75).err()).contains("guest busy", "in use", "EBUSY");
    loop.kill();
    LAB.vm()
        .run(
            LIMIT,
            "cd /opt/hauberk/e2e && timeout 60 sh -c 'until ./hbk_tool.py guests | grep -q"
                + " \"\\\"INSTANCES\\\": 0\"; do sleep 0.5; done'")
        .ok();
    wasm("unload busy").ok();
  }

  @Test
  @Tag("long")
  @Order(8)
  void theValidatorNeedsNoKernel() {
    assertThat(wasm("validate test.wasm").ok().out()).contains("test.wasm");
    LAB.vm().run("head -c 100 " + MODULES + "test.wasm > /tmp/half.wasm").ok();
    assertThat(wasm("validate /tmp/half.wasm").status(65).all()).contains("/tmp/half.wasm");
  }
}
