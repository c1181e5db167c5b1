// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** What the compiler says of a frame that is too large; functions are f and their index. */
  private static final Pattern FRAME =
      Pattern.compile(
          "In function [^\\w]f(\\d+)[\\w.]*[^\\w]:\\R.*frame size of (\\d+) bytes is larger than (\\d+)");

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
   * @param folder where the kernel module is put, under the module's name
   * @param limit how long the compiler may take
   * @return the kernel module
   * @throws WasmException if the module is not valid, or cannot be translated
   * @throws ToolException if headers or programs are missing, or the compiler fails
   */
  public Path compile(Path module, Path folder, Duration limit) {
    String release = release();
    requireKit();
    requireProgram("make");
    requireProgram("gcc");
    try {
      Path work = Files.createTempDirectory("hauberk-filter");
      try {
        translate(module, work);
        build(work, release, limit);
        Path built = onlyModule(work);
        Files.createDirectories(folder);
        return Files.copy(
            built, folder.resolve(built.getFileName()), StandardCopyOption.REPLACE_EXISTING);
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

  /** Writes NAME.c and a Kbuild; NAME is the file's, made fit for a kernel module. */
  private void translate(Path module, Path work) {
    NativeTool.Outcome outcome =
        translator.run("translate", module.toAbsolutePath().toString(), "-o", work.toString());
    if (outcome.status() != 0) {
      throw new WasmException(outcome.err().strip());
    }
  }

  private static Path onlyModule(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files
          .filter(file -> file.toString().endsWith(".ko"))
          .findFirst()
          .orElseThrow(() -> new ToolException("the kernel's makefiles made no module"));
    }
  }

  private void build(Path work, String release, Duration limit) throws IOException {
    NativeTool make = new NativeTool("make", environment, "install make and gcc");
    Path symbols = kit.resolve("symbols").resolve(release + ".symvers");
    // Without wasm.ko's own list of symbols the linker cannot know that they are there.
    String known =
        Files.exists(symbols) ? "KBUILD_EXTRA_SYMBOLS=" + symbols : "KBUILD_MODPOST_WARN=1";
    Optional<NativeTool.Outcome> ended =
        make.run(
            limit, "-s", "-C", kernel.toString(), "M=" + work, "HAUBERK=" + kit, known, "modules");
    if (ended.isEmpty()) {
      throw new ToolException(
          "the compiler was not done after "
              + limit.toSeconds()
              + " s: the module can be interpreted, or --timeout be longer; "
              + GuestSource.of(work).largest());
    }
    NativeTool.Outcome outcome = ended.get();
    if (outcome.status() != 0) {
      Matcher frame = FRAME.matcher(outcome.err());
      throw new ToolException(
          frame.find()
              ? "function %s needs a stack frame of %s bytes, it may have %s: the module can be interpreted"
                  .formatted(frame.group(1), frame.group(2), frame.group(3))
              : "the kernel's makefiles failed for " + release + ":\n" + tail(outcome));
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
