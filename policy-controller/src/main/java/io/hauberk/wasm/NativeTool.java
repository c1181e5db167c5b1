// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A program that does what the kernel would do, or builds something for it. */
public final class NativeTool {
  /** The engine's own program, which validates among others. */
  public static final String VALIDATOR = "hauberk-wasm";

  private final String program;
  private final Map<String, String> environment;
  private final String hint;

  /** How a program ended, and what it printed. */
  public record Outcome(int status, String out, String err) {}

  /**
   * Names a program.
   *
   * @param program a path, or a name to look for in PATH
   * @param environment what is set for it beside what this process has
   * @param hint what to do if it is not there
   */
  public NativeTool(String program, Map<String, String> environment, String hint) {
    this.program = program;
    this.environment = Map.copyOf(environment);
    this.hint = hint;
  }

  /** The engine's own program, which lies beside the launcher. */
  public static NativeTool hauberkWasm(Path folder) {
    return new NativeTool(folder.resolve(VALIDATOR).toString(), Map.of(), "run 'make controller'");
  }

  /**
   * Runs it to its end.
   *
   * @throws ToolException if it cannot be started or is killed
   */
  public Outcome run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    try {
      return outcome(builder.start());
    } catch (IOException e) {
      throw new ToolException(program + " cannot be run (" + e.getMessage() + "): " + hint, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ToolException("interrupted while " + program + " ran", e);
    }
  }

  private static Outcome outcome(Process process) throws IOException, InterruptedException {
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), out, err.join());
    } finally {
      process.destroy();
    }
  }
}
