// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a {@link Keeper} once a second. The calls block, so they go to the worker pool, in the
 * order in which they were asked for: never two at once.
 */
final class KeeperVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(KeeperVerticle.class);
  private static final long PERIOD_MILLIS = 1000;

  private final Keeper keeper;
  private final Readiness readiness;

  KeeperVerticle(Keeper keeper, Readiness readiness) {
    this.keeper = keeper;
    this.readiness = readiness;
  }

  @Override
  public Future<?> start() {
    return work(keeper::tick)
        .compose(ticked -> work(() -> readiness.tell("READY=1")))
        .onSuccess(told -> await());
  }

  /** Asks for a reload; may be called by any thread. */
  void requestReload() {
    context.runOnContext(
        ignored -> {
          work(() -> readiness.tell("RELOADING=1"));
          work(keeper::reload);
          work(() -> readiness.tell("READY=1"));
        });
  }

  /** The pause begins when the work has ended: a slow device makes fewer calls, not a queue. */
  private void await() {
    vertx.setTimer(PERIOD_MILLIS, id -> work(keeper::tick).onComplete(done -> await()));
  }

  private Future<Void> work(Runnable action) {
    return vertx
        .<Void>executeBlocking(
            () -> {
              action.run();
              return null;
            })
        .onFailure(failure -> LOG.error("unexpected failure", failure));
  }
}
