// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.HauberkException;
import io.hauberk.device.Device;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code GET /metrics} with what the kernel has counted at that moment. */
public final class MetricsEndpoint extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsEndpoint.class);
  private static final String PATH = "/metrics";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;

  private final SocketAddress address;
  private final Supplier<Device> devices;

  /** The device is opened for each answer: whoever holds it open keeps the module loaded. */
  public MetricsEndpoint(SocketAddress address, Supplier<Device> devices) {
    this.address = address;
    this.devices = devices;
  }

  @Override
  public Future<?> start() {
    return vertx
        .createHttpServer()
        .requestHandler(this::answer)
        .listen(address)
        .onSuccess(
            server ->
                LOG.info(
                    "metrics are at http://{}:{}{}", address.host(), server.actualPort(), PATH));
  }

  private void answer(HttpServerRequest request) {
    if (!request.path().equals(PATH) || !request.method().equals(HttpMethod.GET)) {
      request.response().setStatusCode(NOT_FOUND).end("there is only GET " + PATH + "\n");
      return;
    }
    vertx
        .executeBlocking(this::text)
        .onSuccess(
            text ->
                request
                    .response()
                    .setStatusCode(OK)
                    .putHeader("Content-Type", MetricsText.CONTENT_TYPE)
                    .end(text))
        .onFailure(
            failure -> request.response().setStatusCode(UNAVAILABLE).end(sentence(failure) + "\n"));
  }

  private static String sentence(Throwable failure) {
    return failure instanceof HauberkException ? failure.getMessage() : failure.toString();
  }

  private String text() {
    try (Device device = devices.get()) {
      return MetricsText.of(device);
    }
  }
}
