// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.cli.Harness.Outcome;
import io.hauberk.device.Errno;
import io.hauberk.device.Event;
import io.hauberk.device.FilterEntry;
import io.hauberk.device.FilterStatus;
import io.hauberk.device.Metric;
import io.hauberk.rules.FilterModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rule-sets with filters, and the verbs of {@code hauberk filter} that need the kernel. */
class FilterCommandsTest {
  /** A filter that has nothing but what each must have. */
  private static final byte[] ONE = module("");

  /** The same with a section that says nothing. */
  private static final byte[] TWO = module("\0\2\1a");

  private static final String GUEST_ONE = FilterModule.of("stamp", ONE).guest();
  private static final String GUEST_TWO = FilterModule.of("stamp", TWO).guest();

  @TempDir private Path directory;
  private Harness hauberk;
  private Path module;

  private static byte[] module(String more) {
    String header = "\0asm\1\0\0\0";
    String types = "\1\11\2\u0060\0\0\u0060\1\u007f\1\u007f"; // () -> (), (i32) -> (i32)
    String functions = "\3\3\2\0\1";
    String memory = "\5\3\1\0\1";
    String exports = "\7\55\3\6memory\2\0\27proxy_abi_version_0_2_1\0\0\6malloc\0\1";
    String code = "\12\11\2\2\0\13\4\0\101\0\13"; // of malloc: i32.const 0
    String all = header + types + functions + memory + exports + code + more;
    return all.getBytes(StandardCharsets.ISO_8859_1);
  }

  @BeforeEach
  void makeHarness() throws IOException {
    hauberk = new Harness(directory);
    Files.writeString(
        hauberk.rules,
        Harness.RULES
            .replace("rules:\n", "filters: [{name: stamp, module: mods/stamp.wasm}]\nrules:\n")
            .replace("    peers: {allow", "    filters: [{name: stamp}]\n    peers: {allow"));
    module = Files.createDirectory(directory.resolve("mods")).resolve("stamp.wasm");
    Files.write(module, ONE);
    hauberk.run("init", hauberk.rules);
  }

  private List<String> guests() {
    return hauberk.kernel.guests.stream().map(details -> details.guest().name()).toList();
  }

  @Test
  void checkCountsFilters() {
    assertThat(hauberk.run("check", hauberk.rules))
        .isEqualTo(new Outcome(0, hauberk.rules + ": ok, 3 rules, 2 identities, 1 filter\n", ""));
  }

  @Test
  void checkTellsOfTheModule() throws IOException {
    Files.delete(module);
    assertThat(hauberk.run("check", hauberk.rules))
        .isEqualTo(
            new Outcome(
                65,
                "",
                "hauberk: "
                    + hauberk.rules
                    + ":10:33: filters[0].module: "
                    + module
                    + " is not there\n"));
  }

  @Test
  void checkTellsWhyAModuleCannotBeAFilter() throws IOException {
    Files.write(module, new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    Outcome outcome = hauberk.run("check", hauberk.rules);
    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.err())
        .startsWith(
            "hauberk: "
                + hauberk.rules
                + ":10:33: filters[0].module: "
                + module
                + " cannot be a filter: it exports neither proxy_abi_version_0_2_0 nor")
        .endsWith("(hauberk filter check tells more)\n");
  }

  @Test
  void applyLoadsTheModuleAndShowsTheChain() {
    assertThat(hauberk.run("apply", hauberk.rules).out())
        .contains("PEERS                        FILTERS\n")
        .contains("spiffe://example.org/client  stamp\n");
    assertThat(guests()).containsExactly(GUEST_ONE);
    assertThat(hauberk.kernel.pushes.get(0).filters())
        .extracting(FilterEntry::guest)
        .containsExactly(GUEST_ONE);
  }

  @Test
  void replacePutsAnotherModuleIntoThePlace() throws IOException {
    hauberk.run("apply", hauberk.rules);
    Path fresh = Files.write(directory.resolve("new.wasm"), TWO);

    assertThat(hauberk.run("filter", "replace", "stamp", fresh))
        .isEqualTo(new Outcome(0, "generation 2: stamp is guest " + GUEST_TWO + "\n", ""));
    assertThat(guests()).containsExactly(GUEST_TWO);
    assertThat(module).hasBinaryContent(TWO);
    assertThat(hauberk.kernel.pushes.get(1).label()).isEqualTo("filter replace stamp");
  }

  @Test
  void replaceThatIsRefusedChangesNothing() throws IOException {
    hauberk.run("apply", hauberk.rules);
    Path fresh = Files.write(directory.resolve("new.wasm"), TWO);
    hauberk.kernel.refuse(Errno.EINVAL);

    assertThat(hauberk.run("filter", "replace", "stamp", fresh).status()).isEqualTo(65);
    assertThat(guests()).containsExactly(GUEST_ONE);
    assertThat(module).hasBinaryContent(ONE);
  }

  @Test
  void replaceNamesTheFiltersThatThereAre() throws IOException {
    Path fresh = Files.write(directory.resolve("new.wasm"), TWO);
    assertThat(hauberk.run("filter", "replace", "stmap", fresh).err())
        .isEqualTo("hauberk: no rule-set was applied yet: run hauberk apply\n");
    hauberk.run("apply", hauberk.rules);
    assertThat(hauberk.run("filter", "replace", "stmap", fresh))
        .isEqualTo(
            new Outcome(
                65, "", "hauberk: the rule-set in force has no filter 'stmap'; it has stamp\n"));
    Files.writeString(fresh, "(module)");
    assertThat(hauberk.run("filter", "replace", "stamp", fresh).status()).isEqualTo(65);
    assertThat(module).hasBinaryContent(ONE);
  }

  @Test
  void loadKeepsAModuleUntilAPushDoesNotNameIt() throws IOException {
    Path other = Files.write(directory.resolve("other filter.wasm"), TWO);
    String guest = FilterModule.of("other-filter", TWO).guest();
    assertThat(hauberk.run("filter", "load", other))
        .isEqualTo(new Outcome(0, "other-filter: guest " + guest + ", interpreted\n", ""));
    assertThat(hauberk.run("filter", "load", other).status()).isZero();
    assertThat(guests()).containsExactly(guest);

    hauberk.run("apply", hauberk.rules);
    assertThat(guests()).containsExactly(GUEST_ONE);
  }

  @Test
  void loadWantsANameThatADigestFitsBehind() {
    Outcome outcome = hauberk.run("filter", "load", "--name", "x".repeat(49), module);
    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.err()).contains("is no name of a filter: 1 to 48 letters");
    assertThat(guests()).isEmpty();
  }

  @Test
  void unloadTakesFiltersByName() throws IOException {
    hauberk.run("filter", "load", module);
    Files.write(module, TWO);
    hauberk.run("filter", "load", module);
    hauberk.run("wasm", "load", module, "--name", "stamp");
    hauberk.kernel.busy.add(GUEST_TWO);

    Outcome busy = hauberk.run("filter", "unload", "stamp");
    assertThat(busy.status()).isEqualTo(75);
    assertThat(busy.out()).isEqualTo(GUEST_ONE + " is unloaded\n");
    hauberk.kernel.busy.clear();
    assertThat(hauberk.run("filter", "unload", GUEST_TWO).status()).isZero();
    assertThat(guests()).containsExactly("stamp");
    assertThat(hauberk.run("filter", "unload", "stamp"))
        .isEqualTo(
            new Outcome(
                65, "", "hauberk: no module of a filter 'stamp' is loaded; there is none\n"));
  }

  private void fill() {
    hauberk.kernel.filterStatus =
        List.of(
            new FilterStatus(
                "stamp", "stamp-0123456789ab", 100, 2, 4000, 20, 1, 3, true, true, 131_072, 4),
            new FilterStatus("log", "log-0123456789ab", 0, 0, 0, 0, 0, 0, false, false, 0, 0));
    hauberk.kernel.metrics =
        List.of(
            new Metric("m", "requests\u001b", Metric.Kind.COUNTER, 9, 0),
            new Metric("m", "bytes", Metric.Kind.HISTOGRAM, 100, 4));
  }

  @Test
  void listsFilters() {
    fill();
    String table =
        """
        FILTER  GUEST               MODE         STATE        STREAMS  INSTANCES     MEMORY
        stamp   stamp-0123456789ab  compiled     quarantined       20          4  128.0 KiB
        log     log-0123456789ab    interpreted  ready              0          0        0 B
        """;
    assertThat(hauberk.run("filter", "list")).isEqualTo(new Outcome(0, table, ""));
    assertThat(hauberk.run("status").out()).endsWith("\n\n" + table);
  }

  private static final String STAMP_JSON =
      "{\"name\":\"stamp\",\"guest\":\"stamp-0123456789ab\",\"compiled\":true,\"quarantined\":true,"
          + "\"calls\":100,\"traps\":2,\"instructions\":4000,\"streams\":20,\"bypassed\":1,"
          + "\"failed\":3,\"instances\":4,\"memoryBytes\":131072}";

  @Test
  void speaksJson() {
    fill();
    assertThat(hauberk.run("filter", "list", "--json").out()).startsWith("[" + STAMP_JSON + ",{");
    assertThat(hauberk.run("filter", "stats", "--json").out())
        .startsWith("{\"filters\":[" + STAMP_JSON + ",{")
        .endsWith(
            "],\"metrics\":[{\"vm\":\"m\",\"name\":\"requests\\u001B\",\"kind\":\"counter\",\"value\":9},"
                + "{\"vm\":\"m\",\"name\":\"bytes\",\"kind\":\"histogram\",\"value\":100,\"samples\":4}]}\n");
    assertThat(hauberk.run("status", "--json").out()).contains("\"filters\":[" + STAMP_JSON);
  }

  @Test
  void showsWhatFiltersDid() {
    fill();
    assertThat(hauberk.run("filter", "stats").out())
        .isEqualTo(
            """
            FILTER  STREAMS  CALLS  INSTRUCTIONS  PER CALL  TRAPS  BYPASSED  FAILED
            stamp        20    100          4000        40      2         1       3
            log           0      0             0         -      0         0       0

            METRIC          VM  KIND       VALUE  SAMPLES
            requests\\u{1b}  m   counter        9        -
            bytes           m   histogram    100        4
            """);
    assertThat(hauberk.run("filter", "stats", "--prometheus").out())
        .contains("hauberk_filter_calls_total{filter=\"stamp\"} 100\n");
    assertThat(hauberk.run("filter", "stats", "--prometheus", "--json").status()).isEqualTo(64);
  }

  @Test
  void eventsTellOfFiltersThatFail() {
    hauberk.kernel.events.add(
        new Event.FilterFailed(
            Instant.parse("2026-03-01T11:59:57.250Z"),
            "stamp",
            "web-in",
            42,
            "unreachable",
            "connection-failed"));
    assertThat(hauberk.run("events").out())
        .isEqualTo(
            "2026-03-01T11:59:57.250Z filter   #42 stamp failed rule=web-in trap=unreachable"
                + " reason=connection-failed\n");
    assertThat(hauberk.run("events", "--json").out())
        .isEqualTo(
            "{\"event\":\"filter-failed\",\"time\":\"2026-03-01T11:59:57.250Z\",\"filter\":\"stamp\","
                + "\"rule\":\"web-in\",\"connection\":42,\"trap\":\"unreachable\","
                + "\"reason\":\"connection-failed\"}\n");
  }

  @Test
  void serveWantsAnEndpointForMetrics() {
    Outcome outcome = hauberk.run("serve", "--metrics", "9464", hauberk.rules);
    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err())
        .startsWith("hauberk: --metrics needs HOST:PORT, such as 127.0.0.1:9464, not 9464\n");
  }
}
