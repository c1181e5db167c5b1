// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.pki.StateDirectory;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process around a {@link Keeper}: signals, the lock on the state directory, and Vert.x. */
public final class Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /** Less than the two seconds in which the daemon promises to stop. */
  private static final long CLOSE_MILLIS = 1500;

  private final Keeper keeper;
  private final StateDirectory state;
  private final Optional<MetricsEndpoint> metrics;
  private final Readiness readiness;

  /**
   * Names what the process consists of.
   *
   * @param metrics who answers Prometheus, if anybody does
   * @param variables the environment, which says whether systemd waits for news
   */
  public Daemon(
      Keeper keeper,
      StateDirectory state,
      Optional<MetricsEndpoint> metrics,
      Map<String, String> variables) {
    this.keeper = keeper;
    this.state = state;
    this.metrics = metrics;
    this.readiness = new Readiness(variables);
  }

  /**
   * Works until SIGTERM or SIGINT comes; the kernel keeps the rules.
   *
   * @throws AlreadyServedException if another daemon keeps the same state directory
   */
  @SuppressWarnings("try") // the lock is held while its channel is open
  public void run() {
    try (FileChannel claim = claim()) {
      serve();
      LOG.info("stopped; the rules stay in force");
    } catch (IOException e) {
      LOG.warn("the lock on {} was not given back: {}", state.root(), e.getMessage());
    }
  }

  private FileChannel claim() {
    return state
        .claim()
        .orElseThrow(
            () ->
                new AlreadyServedException(
                    "another hauberk serve keeps " + state.root() + " already"));
  }

  private void serve() {
    CompletableFuture<String> stop = new CompletableFuture<>();
    Vertx vertx = Vertx.vertx(options());
    KeeperVerticle verticle = new KeeperVerticle(keeper, readiness);
    Signals.handle("TERM", () -> stop.complete("SIGTERM"));
    Signals.handle("INT", () -> stop.complete("SIGINT"));
    Signals.handle("HUP", verticle::requestReload);
    vertx.deployVerticle(verticle).onFailure(stop::completeExceptionally);
    metrics.ifPresent(
        endpoint -> vertx.deployVerticle(endpoint).onFailure(stop::completeExceptionally));
    LOG.info("stopping on {}", stop.join());
    close(vertx);
  }

  private static VertxOptions options() {
    FileSystemOptions noCache =
        new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
    return new VertxOptions()
        .setEventLoopPoolSize(1)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(1)
        .setFileSystemOptions(noCache);
  }

  /** A push that is under way may end; the kernel discards one that does not. */
  private static void close(Vertx vertx) {
    try {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("the daemon was still busy when it was stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
