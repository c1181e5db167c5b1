// SPDX-License-Identifier: Apache-2.0
package io.hauberk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** The bytes that the kernel's tests and these agree on. */
public final class Golden {
  private static final Path CORE = Path.of("../kmod/core/tests/golden");

  private Golden() {}

  public static byte[] bytes(String name) throws IOException {
    String digits =
        Files.readAllLines(CORE.resolve(name + ".hex")).stream()
            .map(line -> line.replaceFirst("#.*", "").replaceAll("\\s", ""))
            .collect(Collectors.joining());
    return HexFormat.of().parseHex(digits);
  }
}
