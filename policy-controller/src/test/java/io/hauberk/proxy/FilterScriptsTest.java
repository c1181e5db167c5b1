// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The event scripts of proxy-wasm-filters/ on this host, where `make filters` has built what they
 * are for.
 */
class FilterScriptsTest {
  private static final Path SCRIPTS = Path.of("../proxy-wasm-filters/scripts");
  private static final Path FILTERS = Path.of("../build/filters");

  @TestFactory
  Stream<DynamicTest> everyScript() throws IOException {
    if (!Files.isDirectory(FILTERS) || !Files.isDirectory(SCRIPTS)) {
      return Stream.of();
    }
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
          assumeTrue(Files.exists(module), module + " is not built");
          var trace = Trial.run(Files.readAllBytes(module), script);
          assertThat(script.faults(trace)).as(String.valueOf(trace)).isEmpty();
        });
  }
}
