// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleFilesTest {
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  @TempDir private Path folder;
  private final ModuleSource files = new ModuleFiles(Optional.empty());

  @Test
  void readsAModule() throws IOException {
    Path file = Files.write(folder.resolve("a.wasm"), MODULE);
    assertThat(files.read(file)).isEqualTo(MODULE);
  }

  @Test
  void saysWhatAFileIsInstead() throws IOException {
    refuses("text.wat", "(module)".getBytes(), " is WebAssembly as text: make a module of it with");
    refuses("other", "#!/bin/sh\n".getBytes(), " is not a WebAssembly module");
    refuses("empty", new byte[0], " is not a WebAssembly module");
    byte[] component = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
    refuses("component.wasm", component, " is of another version of WebAssembly, or a component");
    assertThatThrownBy(() -> files.read(folder.resolve("none")))
        .isInstanceOf(WasmException.class)
        .hasMessage(folder + "/none is not there");
    assertThatThrownBy(() -> files.read(folder)).hasMessage(folder + " is not a file");
  }

  private void refuses(String name, byte[] bytes, String message) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    assertThatThrownBy(() -> files.read(file))
        .isInstanceOf(WasmException.class)
        .hasMessageStartingWith(file + message);
  }

  @Test
  void refusesWhatTheKernelWouldNotHold() throws IOException {
    Path file = folder.resolve("large.wasm");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(ModuleFiles.SIZE_MAX + 1L);
    }
    assertThatThrownBy(() -> files.read(file))
        .hasMessage(file + " has 16777217 bytes; a module has at most 16777216");
  }

  @Test
  void tellsWhatTheValidatorSays() throws IOException {
    Path file = Files.write(folder.resolve("a.wasm"), MODULE);
    Path tool =
        Files.writeString(folder.resolve("tool"), "#!/bin/sh\necho \"$2: bad\" >&2\nexit 1");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
    ModuleSource checked =
        new ModuleFiles(Optional.of(new NativeTool(tool.toString(), Map.of(), "")));
    assertThatThrownBy(() -> checked.read(file)).hasMessage(file + ": bad");
    Files.writeString(tool, "#!/bin/sh\nexit 0\n");
    assertThat(checked.read(file)).isEqualTo(MODULE);
  }
}
