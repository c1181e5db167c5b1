// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The event scripts for the probe on this host; `make probes` builds it. */
class FilterScriptsTest {
  private static final Path SCRIPTS = Path.of("../proxy-wasm-filters/scripts");
  private static final Path FILTERS = Path.of("../build/filters");

  @TestFactory
  Stream<DynamicTest> everyScript() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      List<Path> sorted = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
      return sorted.stream().flatMap(file -> EventScripts.read(file).stream()).map(this::test);
    }
  }

  private DynamicTest test(EventScript script) {
    Path module = FILTERS.resolve(script.module() + ".wasm");
    return DynamicTest.dynamicTest(
        script.name(),
        () -> {
          var trace = Trial.run(Files.readAllBytes(module), script);
          assertThat(script.faults(trace)).as(String.valueOf(trace)).isEmpty();
        });
  }
}
