// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes a kernel module of a guest: the engine's own program translates the validated module to C,
 * the kernel's own makefiles compile that.
 */
public final class FilterCompiler {
  private static final Pattern RELEASE = Pattern.compile("UTS_RELEASE \"(.*)\"");

  /** As much of what make says as helps a person. */
  private static final int SHOWN_LINES = 20;

  private final NativeTool translator;
  private final Path kit;
  private final Path kernel;
  private final Map<String, String> environment;

  /**
   * Chooses what is compiled with what.
   *
   * @param kit the folder with the engine's headers, which the C includes
   * @param kernel the prepared headers of the kernel, or the folder it was built in
   * @param environment what make gets, such as ARCH
   */
  public FilterCompiler(
      NativeTool translator, Path kit, Path kernel, Map<String, String> environment) {
    this.translator = translator;
    this.kit = kit.toAbsolutePath().normalize();
    this.kernel = kernel.toAbsolutePath().normalize();
    this.environment = Map.copyOf(environment);
  }

  /**
   * Compiles a module.
   *
   * @param name of the kernel module: letters, digits and underscores
   * @param folder where NAME.ko is put
   * @return the kernel module
   * @throws WasmException if the module is not valid, or cannot be translated
   * @throws ToolException if headers or programs are missing, or the compiler fails
   */
  public Path compile(Path module, String name, Path folder) {
    String release = release();
    requireKit();
    requireProgram("make");
    requireProgram("gcc");
    try {
      Path work = Files.createTempDirectory("hauberk-filter");
      try {
        translate(module, work.resolve("guest.c"));
        Files.writeString(work.resolve("Kbuild"), kbuild(name));
        build(work, release);
        Files.createDirectories(folder);
        return Files.copy(
            work.resolve(name + ".ko"),
            folder.resolve(name + ".ko"),
            StandardCopyOption.REPLACE_EXISTING);
      } finally {
        delete(work);
      }
    } catch (IOException e) {
      throw new ToolException("the module cannot be built: " + e.getMessage(), e);
    }
  }

  private String release() {
    Path header = kernel.resolve("include/generated/utsrelease.h");
    try {
      Matcher matcher = RELEASE.matcher(Files.readString(header));
      if (matcher.find()) {
        return matcher.group(1);
      }
    } catch (IOException e) {
      throw new ToolException(
          kernel
              + " has no prepared kernel headers: install linux-headers-"
              + kernelOf(kernel)
              + " or name a folder that has them with --kdir",
          e);
    }
    throw new ToolException(header + " names no release");
  }

  /** The release in /lib/modules/RELEASE/build. */
  private static String kernelOf(Path kernel) {
    Matcher matcher = Pattern.compile("/lib/modules/([^/]+)/build").matcher(kernel.toString());
    return matcher.matches() ? matcher.group(1) : "RELEASE";
  }

  private void requireKit() {
    if (!Files.exists(kit.resolve("core/wasm/compiled.h"))) {
      throw new ToolException(
          kit + " has not the engine's headers: run 'make stage' or install the DKMS tree");
    }
  }

  private static void requireProgram(String program) {
    new NativeTool(program, Map.of(), "install make and gcc").run("--version");
  }

  private void translate(Path module, Path source) {
    NativeTool.Outcome outcome =
        translator.runTo(source, "translate", module.toAbsolutePath().toString());
    if (outcome.status() != 0) {
      throw new WasmException(outcome.err().strip());
    }
  }

  private String kbuild(String name) {
    return """
        # SPDX-License-Identifier: GPL-2.0-only
        obj-m := %1$s.o
        %1$s-y := guest.o
        ccflags-y := -I%2$s/include -I%2$s
        """
        .formatted(name, kit);
  }

  private void build(Path work, String release) {
    NativeTool make = new NativeTool("make", environment, "install make and gcc");
    Path symbols = kit.resolve("symbols").resolve(release + ".symvers");
    // Without wasm.ko's own list of symbols the linker cannot know that they are there.
    String known =
        Files.exists(symbols) ? "KBUILD_EXTRA_SYMBOLS=" + symbols : "KBUILD_MODPOST_WARN=1";
    NativeTool.Outcome outcome =
        make.run("-s", "-C", kernel.toString(), "M=" + work, known, "modules");
    if (outcome.status() != 0) {
      throw new ToolException(
          "the kernel's makefiles failed for " + release + ":\n" + tail(outcome));
    }
  }

  private static String tail(NativeTool.Outcome outcome) {
    List<String> lines = Stream.concat(outcome.out().lines(), outcome.err().lines()).toList();
    return lines.stream()
        .skip(Math.max(0, lines.size() - SHOWN_LINES))
        .collect(Collectors.joining("\n"));
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
