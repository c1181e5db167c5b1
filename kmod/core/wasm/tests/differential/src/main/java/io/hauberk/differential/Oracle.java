// SPDX-License-Identifier: Apache-2.0
package io.hauberk.differential;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.InterpreterMachine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Reads names of modules, a line each, and answers with a transcript of what each does when it is
 * run by Chicory: the same lines as kmod/core/wasm/tests/differential/transcript.c writes.
 *
 * <p>A name with a '+' before it is asked of Chicory's compiler, not of its interpreter. They do
 * not agree on everything: the interpreter of 1.7.5 lets the address of an i32.store8 or an
 * i64.store32 wrap.
 */
public final class Oracle {
  private static final long STACK_BYTES = 256L << 20;
  private static final long PATIENCE_SECONDS = 20;

  private Oracle() {}

  public static void main(String[] args) throws InterruptedException {
    Thread thread = new Thread(null, Oracle::serve, "oracle", STACK_BYTES);
    thread.start();
    thread.join();
  }

  private static void serve() {
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "clock");
              thread.setDaemon(true);
              return thread;
            });
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (BufferedReader names =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        boolean compiled = name.startsWith("+");
        Transcript transcript =
            new Transcript(
                out, compiled ? MachineFactoryCompiler::compile : InterpreterMachine::new);
        answer(Path.of(compiled ? name.substring(1) : name), transcript, out, clock);
        out.println("end");
        out.flush();
      }
    } catch (IOException e) {
      throw new IllegalStateException("no more modules can be read", e);
    }
  }

  private static void answer(
      Path file, Transcript transcript, PrintStream out, ScheduledExecutorService clock)
      throws IOException {
    Thread runner = Thread.currentThread();
    byte[] module = Files.readAllBytes(file);
    ScheduledFuture<?> limit =
        clock.schedule(runner::interrupt, PATIENCE_SECONDS, TimeUnit.SECONDS);
    try {
      transcript.of(module);
    } catch (RuntimeException e) {
      // Chicory's own, and what its parser lets through when it meets what it does not know.
      out.println("refused " + e);
    } finally {
      limit.cancel(false);
      Thread.interrupted();
    }
  }
}
