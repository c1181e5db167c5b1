// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The host's end of the line to the guest's agent; lab/guest/agent.py tells what can be asked. */
final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final int CHECKSUM = 8;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration GREETING = Duration.ofSeconds(120);
  private static final Duration AGAIN = Duration.ofSeconds(10);

  /**
   * The VM is up by then, and only a greeting that was lost takes so long. Not sooner: the agent
   * forgets what it has answered when it greets.
   */
  private static final Duration GREETING_AGAIN = Duration.ofSeconds(40);

  private static final byte[] HELLO =
      "{\"id\":0,\"hello\":true}".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final OutputStream out;
  private final AtomicLong lastId = new AtomicLong();
  private final Map<Long, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
  private final CompletableFuture<String> kernel = new CompletableFuture<>();

  Agent(String host, int port) throws IOException {
    socket = new Socket(host, port);
    socket.setTcpNoDelay(true);
    out = socket.getOutputStream();
    Thread reader = new Thread(this::readAnswers, "agent-" + port);
    reader.setDaemon(true);
    reader.start();
  }

  /** The release of the guest's kernel, which the agent greets with. */
  String kernel() {
    return awaitRepeating(kernel, HELLO, GREETING_AGAIN, GREETING, "the agent's greeting");
  }

  /** Asks, and waits for the answer; what the agent calls an error is thrown. */
  JsonNode ask(Map<String, ?> request, Duration patience) {
    long id = lastId.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    pending.put(id, answer);
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("id", id);
    line.putAll(request);
    byte[] frame = withChecksum(JSON.writeValueAsBytes(line));
    send(frame);
    JsonNode node = awaitRepeating(answer, frame, AGAIN, patience, request.toString());
    if (node.has("error")) {
      throw new LabException(
          "%s (output so far: %s%s)"
              .formatted(
                  node.path("error").asString(),
                  node.path("out").asString(""),
                  node.path("err").asString("")));
    }
    return node;
  }

  private synchronized void send(byte[] line) {
    try {
      out.write(line);
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      throw new LabException("the VM is gone", e);
    }
  }

  private static byte[] withChecksum(byte[] text) {
    byte[] head = (checksum(text) + " ").getBytes(StandardCharsets.US_ASCII);
    byte[] frame = Arrays.copyOf(head, head.length + text.length);
    System.arraycopy(text, 0, frame, head.length, text.length);
    return frame;
  }

  private static String checksum(byte[] text) {
    CRC32 crc = new CRC32();
    crc.update(text);
    return "%08x".formatted(crc.getValue());
  }

  /**
   * Awaits an answer, and asks again now and then: the serial line of user-mode Linux may lose
   * characters both ways. What the agent has done already it only answers again.
   */
  private <T> T awaitRepeating(
      CompletableFuture<T> answer, byte[] frame, Duration again, Duration patience, String what) {
    long end = System.nanoTime() + patience.toNanos();
    while (!answer.isDone() && System.nanoTime() + again.toNanos() < end) {
      try {
        return answer.get(again.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        send(frame);
      } catch (ExecutionException e) {
        break;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    return await(answer, Duration.ofNanos(end - System.nanoTime()), what);
  }

  private static <T> T await(CompletableFuture<T> future, Duration patience, String what) {
    try {
      return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new LabException("no answer in time: " + what, e);
    } catch (ExecutionException e) {
      throw new LabException(e.getCause().getMessage() + ": " + what, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted: " + what, e);
    }
  }

  private void readAnswers() {
    IOException end = new IOException("the VM hung up");
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        read(line);
      }
    } catch (IOException e) {
      end = e;
    }
    kernel.completeExceptionally(end);
    for (CompletableFuture<JsonNode> waiting : pending.values()) {
      waiting.completeExceptionally(end);
    }
  }

  /** A line that begins with a checksum and one that does not: the greeting, or a garbled line. */
  private void read(String line) {
    String text = line.substring(Math.min(CHECKSUM + 1, line.length()));
    try {
      if (line.startsWith(checksum(text.getBytes(StandardCharsets.UTF_8)) + " ")) {
        dispatch(JSON.readTree(text));
        return;
      }
      if (line.startsWith("{\"ready\"")) {
        dispatch(JSON.readTree(line));
        return;
      }
    } catch (JacksonException e) {
      LOG.debug("not JSON", e);
    }
    LOG.warn("the agent's line came garbled, it will be asked again: {} characters", line.length());
  }

  private void dispatch(JsonNode answer) {
    if (answer.has("ready")) {
      kernel.complete(answer.path("kernel").asString());
      return;
    }
    CompletableFuture<JsonNode> waiting = pending.remove(answer.path("id").asLong());
    if (waiting != null) {
      waiting.complete(answer);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
