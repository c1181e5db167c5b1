// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.wasm.GuestModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with a module, as the command line names it. */
final class ModuleFile {
  /** Bytes of a guest's name, as the kernel bounds it. */
  private static final int NAME_MAX = 63;

  private static final String SUFFIX = "\\.wasm$";

  private ModuleFile() {}

  /** That the file is there. */
  static Path require(Path file) {
    if (!Files.exists(file)) {
      throw new NoInputException(file + " is not there");
    }
    if (!Files.isRegularFile(file)) {
      throw new NoInputException(file + " is not a file");
    }
    return file;
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(require(file));
    } catch (IOException e) {
      throw new NoInputException(file + " cannot be read: " + e.getMessage());
    }
  }

  /** The file's name as the name of a guest: {@code my filter.wasm} is {@code my-filter}. */
  static String guestName(Path file) {
    String name =
        file.getFileName()
            .toString()
            .replaceFirst(SUFFIX, "")
            .replaceAll("[^A-Za-z0-9._-]", "-")
            .replaceFirst("^[^A-Za-z0-9]+", "");
    String named = name.isEmpty() ? "guest" : name;
    return named.substring(0, Math.min(NAME_MAX, named.length()));
  }

  /** A module that the kernel keeps only as long as this process has the device open. */
  static GuestModule passing(Path file, boolean noFloats, boolean interpret) {
    String name = "run-" + ProcessHandle.current().pid();
    return new GuestModule(name, read(file), true, noFloats, interpret);
  }
}
