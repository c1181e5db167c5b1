// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Modules in files, looked at by the kernel's own validator where its program is there. */
public final class ModuleFiles implements ModuleSource {
  /** Bytes of one module, as the kernel bounds it. */
  public static final int SIZE_MAX = 16_777_216;

  /** What a binary module begins with, and its version. */
  private static final byte[] MAGIC = {0, 'a', 's', 'm', 1, 0, 0, 0};

  private final Optional<NativeTool> validator;

  /**
   * Chooses who validates.
   *
   * @param validator the engine's own program; if empty only the kernel validates, at a push
   */
  public ModuleFiles(Optional<NativeTool> validator) {
    this.validator = validator;
  }

  @Override
  public byte[] read(Path file) {
    byte[] bytes = content(file);
    if (bytes.length < MAGIC.length
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new WasmException(file + notBinary(bytes));
    }
    validator.ifPresent(tool -> validate(tool, file));
    return bytes;
  }

  private static byte[] content(Path file) {
    if (!Files.exists(file)) {
      throw new WasmException(file + " is not there");
    }
    if (!Files.isRegularFile(file)) {
      throw new WasmException(file + " is not a file");
    }
    try {
      long size = Files.size(file);
      if (size > SIZE_MAX) {
        throw new WasmException(file + " has " + size + " bytes; a module has at most " + SIZE_MAX);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new WasmException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** What it may be instead, so that a person knows what to do. */
  private static String notBinary(byte[] bytes) {
    boolean component = bytes.length >= MAGIC.length && startsWith(bytes, 4);
    if (component) {
      return " is of another version of WebAssembly, or a component: only modules of version 1"
          + " are taken";
    }
    boolean text = bytes.length > 0 && bytes[0] == '(';
    return text
        ? " is WebAssembly as text: make a module of it with wat2wasm"
        : " is not a WebAssembly module";
  }

  private static boolean startsWith(byte[] bytes, int length) {
    return Arrays.equals(bytes, 0, length, MAGIC, 0, length);
  }

  private static void validate(NativeTool tool, Path file) {
    NativeTool.Outcome outcome = tool.run("validate", file.toString());
    if (outcome.status() != 0) {
      String said = outcome.err().strip().replace('\n', ' ');
      throw new WasmException(said.isEmpty() ? file + " is not a valid module" : said);
    }
  }
}
