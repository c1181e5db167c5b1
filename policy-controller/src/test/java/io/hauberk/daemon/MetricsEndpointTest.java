// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class MetricsEndpointTest {
  private final FakeKernel kernel = new FakeKernel();
  private final Vertx vertx = Vertx.vertx();
  private int port;

  @BeforeEach
  void listen() throws Exception {
    port = freePort();
    SocketAddress address = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    vertx
        .deployVerticle(new MetricsEndpoint(address, kernel::open))
        .toCompletionStage()
        .toCompletableFuture()
        .get();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void answersWithWhatTheKernelCounts() throws Exception {
    HttpResponse<String> answer = get("/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains(MetricsText.CONTENT_TYPE);
    assertThat(answer.body()).isEqualTo(MetricsText.of(kernel.open()));
  }

  @Test
  void saysThatTheModuleIsNotThere() throws Exception {
    kernel.unload();
    HttpResponse<String> answer = get("/metrics");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).startsWith("/dev/hauberk is not there");
  }

  @Test
  void hasNothingElse() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
  }
}
