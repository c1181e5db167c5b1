// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.pki.CertificateAuthority;
import io.hauberk.pki.Profile;
import io.hauberk.pki.StateDirectory;
import io.hauberk.wasm.ModuleFiles;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class KeeperVerticleTest {
  private static final String RULES =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      rules:
        - name: closed
          match: {direction: inbound, ports: [%d]}
          action: deny
      """;

  @Test
  @Timeout(60)
  void itTicksReloadsAndStops(@TempDir Path directory) throws Exception {
    FakeKernel kernel = new FakeKernel();
    StateDirectory state = new StateDirectory(directory.resolve("state"));
    state.save(CertificateAuthority.create("example.org", Profile.DEFAULT, Clock.systemUTC()));
    Path file = Files.writeString(directory.resolve("rules.yaml"), RULES.formatted(23));
    Keeper keeper =
        new Keeper(
            file,
            state,
            kernel::open,
            new NoNames(),
            new ModuleFiles(Optional.empty()),
            Clock.systemUTC(),
            new Random(1));
    KeeperVerticle verticle = new KeeperVerticle(keeper, new Readiness(Map.of()));
    Vertx vertx = Vertx.vertx();
    try {
      vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture().get();
      assertThat(kernel.arrivals.poll()).as("the push of the first tick").isNotNull();

      verticle.requestReload();
      assertThat(kernel.arrivals.poll(20, TimeUnit.SECONDS)).as("a reload").isNotNull();

      Path fresh = Files.writeString(directory.resolve("fresh"), RULES.formatted(24));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      assertThat(kernel.arrivals.poll(20, TimeUnit.SECONDS)).as("a change").isNotNull();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get();
    }
  }
}
