// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;
import tools.jackson.databind.JsonNode;

/** A lab VM in a container without privileges, and what can be done in it. */
public final class Vm implements AutoCloseable {
  /** An emulated processor under load is slow; nothing that is well takes this long. */
  public static final Duration PATIENCE = Duration.ofSeconds(120);

  private static final Duration BOOT = Duration.ofSeconds(240);
  private static final Duration MARGIN = Duration.ofSeconds(30);
  private static final int AGENT_PORT = 7000;
  private static final String MEMORY_MB = "1024";
  private static final int SPARE_MB = 64;
  private static final int CONSOLE_END = 8;

  private final GenericContainer<?> container;
  private final Agent agent;
  private final Path console;
  private final String release;
  private final List<Background> started = new ArrayList<>();

  private Vm(GenericContainer<?> container, Agent agent, Path console) {
    this.container = container;
    this.agent = agent;
    this.console = console;
    this.release = agent.kernel();
  }

  /** Boots a VM and waits until its agent answers; {@code console} gets all that it prints. */
  static Vm boot(Settings settings, Path console) {
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(settings.image()))
            .withEnv("KERNEL", settings.kernel())
            .withEnv("MEMORY", MEMORY_MB)
            // Slab counters are only of use where caches are not merged.
            .withEnv("PARAMETERS", "slab_nomerge")
            // User-mode Linux keeps its memory in a file there that it executes: no disk's, which
            // can be slow, and full.
            .withTmpFs(
                Map.of("/tmp", "rw,exec,size=" + (Integer.parseInt(MEMORY_MB) + SPARE_MB) + "m"))
            .withLabel("io.hauberk.e2e", settings.label())
            .withExposedPorts(AGENT_PORT)
            .withCopyToContainer(MountableFile.forHostPath(settings.stage()), "/stage")
            .withLogConsumer(frame -> append(console, frame))
            .waitingFor(Wait.forLogMessage(".*HAUBERK-LAB-READY.*", 1))
            .withStartupTimeout(BOOT);
    container.start();
    try {
      return new Vm(
          container, new Agent(container.getHost(), container.getMappedPort(AGENT_PORT)), console);
    } catch (IOException e) {
      container.stop();
      throw new LabException("the VM booted, but its agent cannot be reached", e);
    }
  }

  private static void append(Path console, OutputFrame frame) {
    byte[] bytes = frame.getBytes();
    if (bytes == null) {
      return;
    }
    try {
      Files.write(console, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The release of the guest's kernel. */
  public String release() {
    return release;
  }

  /** Runs a line of bash to its end. */
  public Output run(String shell) {
    return run(PATIENCE, shell);
  }

  /** Runs a line of bash to its end; past {@code limit} it is killed and this throws. */
  public Output run(Duration limit, String shell) {
    Map<String, Object> request =
        Map.of("run", List.of("bash", "-c", shell), "timeout", limit.toSeconds());
    JsonNode answer = ask(request, limit);
    return new Output(
        shell,
        answer.path("status").asInt(),
        answer.path("out").asString(),
        answer.path("err").asString());
  }

  /** Starts a line of bash in the background. {@code name} is that of its log. */
  public Background start(String name, String shell) {
    JsonNode answer = ask(Map.of("start", List.of("bash", "-c", shell), "log", name), PATIENCE);
    Background background =
        new Background(this, shell, answer.path("pid").asInt(), answer.path("log").asString());
    started.add(background);
    return background;
  }

  /** Ends what was started and still runs. */
  public void stopAll() {
    started.forEach(Background::kill);
    started.clear();
  }

  public void put(String path, byte[] content) {
    ask(Map.of("put", path, "data", Base64.getEncoder().encodeToString(content)));
  }

  public void put(String path, String content) {
    put(path, content.getBytes(StandardCharsets.UTF_8));
  }

  public String get(String path) {
    byte[] content = Base64.getDecoder().decode(ask(Map.of("get", path)).path("data").asString());
    return new String(content, StandardCharsets.UTF_8);
  }

  /** What the kernel has logged since this was last asked. */
  public List<String> dmesg() {
    List<String> lines = new ArrayList<>();
    ask(Map.of("dmesg", true)).path("lines").forEach(line -> lines.add(line.asString()));
    return lines;
  }

  JsonNode ask(Map<String, ?> request) {
    return ask(request, PATIENCE);
  }

  JsonNode ask(Map<String, ?> request, Duration limit) {
    try {
      return agent.ask(request, limit.plus(MARGIN));
    } catch (LabException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new LabException(e.getMessage() + "; the console ends: " + consoleEnd(), e);
      }
      throw e;
    }
  }

  private String consoleEnd() {
    try {
      List<String> lines = Files.readAllLines(console, StandardCharsets.ISO_8859_1);
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - CONSOLE_END), lines.size()));
    } catch (IOException e) {
      return "(cannot be read: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    try {
      agent.close();
    } catch (IOException e) {
      throw new LabException("the line to the VM cannot be closed", e);
    } finally {
      container.stop();
    }
  }
}
