// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program that does what the kernel would do, or builds something for it. */
public final class NativeTool {
  /** The engine's own program, which validates among others. */
  public static final String VALIDATOR = "hauberk-wasm";

  private static final Duration FOREVER = Duration.ofDays(365);

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
    return run(FOREVER, arguments).orElseThrow();
  }

  /**
   * Runs it, but no longer than {@code limit}: then it is ended with all that it has started.
   *
   * @return empty if it took longer
   * @throws ToolException if it cannot be started or is killed
   */
  public Optional<Outcome> run(Duration limit, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    try {
      return outcome(builder.start(), limit);
    } catch (IOException e) {
      throw new ToolException(program + " cannot be run (" + e.getMessage() + "): " + hint, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ToolException("interrupted while " + program + " ran", e);
    }
  }

  private static Optional<Outcome> outcome(Process process, Duration limit)
      throws InterruptedException {
    CompletableFuture<String> out = text(process.getInputStream());
    CompletableFuture<String> err = text(process.getErrorStream());
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        return Optional.empty();
      }
      return Optional.of(new Outcome(process.exitValue(), out.join(), err.join()));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroy();
    }
  }

  private static CompletableFuture<String> text(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
