// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.device.Device;
import io.hauberk.device.Errno;
import io.hauberk.device.FilterEntry;
import io.hauberk.pki.Applied;
import io.hauberk.pki.CertificateAuthority;
import io.hauberk.pki.Enrollment;
import io.hauberk.pki.Profile;
import io.hauberk.pki.StateDirectory;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.ModuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {
  private static final String RULES =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      identities:
        - name: web
          spiffeId: spiffe://example.org/web
          dnsNames: [%s]
      rules:
        - name: web-in
          match: {direction: inbound, ports: [%s]}
          tls: strict
          identity: web
      """;

  @TempDir private Path directory;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T12:00:00Z"));
  private final FakeKernel kernel = new FakeKernel();
  private Path file;
  private StateDirectory state;
  private Keeper keeper;

  @BeforeEach
  void makeKeeper() throws IOException {
    file = directory.resolve("rules.yaml");
    state = new StateDirectory(directory.resolve("state"));
    state.save(CertificateAuthority.create("example.org", Profile.DEFAULT, clock));
    write(RULES.formatted("localhost", "8000"));
    keeper =
        new Keeper(
            file,
            state,
            kernel::open,
            new NoNames(),
            new ModuleFiles(Optional.empty()),
            clock,
            new Random(1));
  }

  @Test
  void theFirstTickMakesTheIdentitiesAndPushes() {
    keeper.tick();

    assertThat(kernel.pushes)
        .singleElement()
        .satisfies(push -> assertThat(push.label()).isEqualTo("serve " + file))
        .satisfies(push -> assertThat(push.identities()).containsExactly("web"));
    assertThat(state.identityNames()).containsExactly("web");
    assertThat(state.applied().map(Applied::file)).contains(file);
    assertThat(kernel.keysAreWiped()).isTrue();
  }

  @Test
  void nothingIsDoneWhileNothingIsDue() {
    ticks(5);

    assertThat(kernel.pushes).hasSize(1);
  }

  @Test
  void aChangeOfTheFileIsPushed() throws IOException {
    keeper.tick();
    write(RULES.formatted("localhost", "9000"));
    ticks(2);

    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void aFileThatSaysTheSameIsNotPushedAgain() throws IOException {
    keeper.tick();
    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    ticks(2);

    assertThat(kernel.pushes).hasSize(1);
  }

  @Test
  void otherDnsNamesGetAnotherCertificate() throws IOException {
    keeper.tick();
    write(RULES.formatted("web.example.org", "8000"));
    keeper.tick();

    assertThat(kernel.pushes).hasSize(2);
    assertThat(kernel.pushes.get(1).serials()).isNotEqualTo(kernel.pushes.get(0).serials());
  }

  @Test
  void mistakesChangeNothing() throws IOException {
    keeper.tick();
    write("rules: [");
    ticks(2);
    Files.delete(file);
    ticks(2);

    assertThat(kernel.pushes).hasSize(1);
    assertThat(kernel.generation()).isEqualTo(1);
  }

  @Test
  void theLastGoodRulesArePushedAfterTheModuleWasLoadedAgain() throws IOException {
    keeper.tick();
    write("rules: [");
    keeper.tick();
    kernel.load();
    ticks(2);

    assertThat(kernel.pushes).hasSize(2);
    assertThat(kernel.pushes.get(1)).isEqualTo(kernel.pushes.get(0));
  }

  @Test
  void theRulesArePushedAsSoonAsTheModuleIsThere() {
    kernel.unload();
    ticks(3);
    assertThat(kernel.pushes).isEmpty();

    kernel.load();
    ticks(2);
    assertThat(kernel.pushes).hasSize(1);
  }

  @Test
  void certificatesAreRenewedAtTwoThirdsOfTheirLife() {
    keeper.tick();
    clock.advance(Duration.ofMinutes(14 * 60 + 47)); // 61.6 % of 24 h
    ticks(2);
    assertThat(kernel.pushes).hasSize(1);

    clock.advance(Duration.ofMinutes(146)); // 71.7 %
    ticks(2);
    assertThat(kernel.pushes).hasSize(2);
    assertThat(kernel.pushes.get(1).serials()).isNotEqualTo(kernel.pushes.get(0).serials());
  }

  @Test
  void aFailedRenewalIsTriedAgainLater() throws IOException {
    keeper.tick();
    Path key = state.root().resolve("ca.key");
    byte[] secret = Files.readAllBytes(key);
    Files.delete(key);
    clock.advance(Duration.ofHours(18));
    ticks(2);
    Files.write(key, secret);
    ticks(2);
    assertThat(kernel.pushes).hasSize(1);

    clock.advance(Keeper.RETRY);
    keeper.tick();
    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void whatAnotherCommandRotatesIsPushedOnce() {
    keeper.tick();
    new Enrollment(state, clock).reissue("web");
    ticks(3);

    assertThat(kernel.pushes).hasSize(2);
    assertThat(kernel.pushes.get(1).serials()).isNotEqualTo(kernel.pushes.get(0).serials());
  }

  @Test
  void aPushOfAnotherStaysUntilSomethingChanges() throws IOException {
    keeper.tick();
    kernel.pushByAnother("somebody");
    ticks(2);
    assertThat(kernel.pushes).hasSize(1);

    write(RULES.formatted("localhost", "9000"));
    keeper.tick();
    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void aRefusedPushIsTriedAgainLater() {
    kernel.refuse(Errno.EINVAL);
    ticks(2);
    kernel.refuse(0);
    ticks(2);
    assertThat(kernel.pushes).isEmpty();

    clock.advance(Keeper.RETRY);
    keeper.tick();
    assertThat(kernel.pushes).hasSize(1);
  }

  @Test
  void aRefusedPushIsTriedAtOnceWhenTheFileChanges() throws IOException {
    kernel.refuse(Errno.EINVAL);
    keeper.tick();
    kernel.refuse(0);
    write(RULES.formatted("localhost", "9000"));
    keeper.tick();

    assertThat(kernel.pushes).hasSize(1);
  }

  @Test
  void aReloadPushesInAnyCase() {
    keeper.tick();
    keeper.reload();
    keeper.tick();

    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void identitiesThatTheRulesNoLongerNameAreLeftAlone() throws IOException {
    keeper.tick();
    List<String> before = state.identityNames();
    write(
        """
        apiVersion: hauberk/v1
        kind: RuleSet
        trustDomain: example.org
        rules:
          - name: none-in
            match: {direction: inbound, ports: [8000]}
            action: deny
        """);
    keeper.tick();

    assertThat(kernel.pushes.get(1).identities()).isEmpty();
    assertThat(state.identityNames()).isEqualTo(before);
  }

  private static final String FILTERED =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      filters:
        - {name: stamp, module: stamp.wasm}
        - {name: spare, module: spare.wasm}
      rules:
        - name: plain-in
          match: {direction: inbound, ports: [8000]}
          tls: off
          filters: [{name: stamp}]
      """;

  private void writeFiltered(int module) throws IOException {
    writeModule("stamp", module);
    writeModule("spare", 0);
    write(FILTERED);
  }

  /** Modules of as many custom sections as the number says differ, and are all that is needed. */
  private void writeModule(String name, int number) throws IOException {
    byte[] bytes = {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 2, 1, (byte) ('a' + number)};
    Path fresh = Files.write(directory.resolve("fresh.wasm"), bytes);
    Files.move(
        fresh,
        directory.resolve(name + ".wasm"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private List<String> guests() {
    return kernel.guests.stream().map(details -> details.guest().name()).toList();
  }

  @Test
  void theModulesOfFiltersAreLoadedBeforeTheRulesThatNameThem() throws IOException {
    writeFiltered(1);
    keeper.tick();

    assertThat(guests()).singleElement().asString().startsWith("stamp-");
    assertThat(kernel.pushes)
        .singleElement()
        .satisfies(
            push ->
                assertThat(push.filters())
                    .extracting(FilterEntry::guest)
                    .containsExactlyElementsOf(guests()));
  }

  @Test
  void aChangedModuleTakesThePlaceOfTheOldOne() throws IOException {
    writeFiltered(1);
    keeper.tick();
    List<String> before = guests();
    writeModule("stamp", 2);
    ticks(3);

    assertThat(kernel.pushes).hasSize(2);
    assertThat(guests()).hasSize(1).doesNotContainAnyElementsOf(before);
  }

  @Test
  void aModuleThatIsInUseGoesWhenItNoLongerIs() throws IOException {
    writeFiltered(1);
    keeper.tick();
    kernel.busy.addAll(guests());
    writeModule("stamp", 2);
    ticks(3);
    assertThat(guests()).hasSize(2);

    kernel.busy.clear();
    ticks(2);
    assertThat(guests()).hasSize(1);
    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void aModuleThatNoRuleUsesMayChangeAsItLikes() throws IOException {
    writeFiltered(1);
    keeper.tick();
    writeModule("spare", 2);
    ticks(3);

    assertThat(kernel.pushes).hasSize(1);
  }

  @Test
  void aModuleThatIsNoneChangesNothing() throws IOException {
    writeFiltered(1);
    keeper.tick();
    Files.writeString(directory.resolve("stamp.wasm"), "(module)");
    ticks(3);
    assertThat(kernel.pushes).hasSize(1);

    writeModule("stamp", 2);
    ticks(2);
    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void aModuleThatWasNotThereIsLookedForAgain() throws IOException {
    keeper.tick();
    write(FILTERED);
    ticks(2);
    writeFiltered(1);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    Files.delete(directory.resolve("spare.wasm"));
    keeper.tick();
    assertThat(kernel.pushes).hasSize(1);

    writeModule("spare", 0);
    clock.advance(Keeper.RETRY);
    keeper.tick();
    assertThat(kernel.pushes).hasSize(2);
  }

  @Test
  void aRefusedPushLeavesNoModuleBehind() throws IOException {
    writeFiltered(1);
    kernel.refuse(Errno.EINVAL);
    keeper.tick();

    assertThat(guests()).isEmpty();
  }

  @Test
  void guestsOfOthersAreLeftAlone() throws IOException {
    try (Device device = kernel.open()) {
      device.load(new GuestModule("stamp-0123456789ab", new byte[1], false, false, false));
      device.load(new GuestModule("mine", new byte[2], false, false, false));
    }
    writeFiltered(1);
    ticks(2);

    assertThat(guests()).hasSize(3).contains("stamp-0123456789ab", "mine");
  }

  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      keeper.tick();
    }
  }

  /** As an editor does it: a new file, then a rename. */
  private void write(String text) throws IOException {
    Path fresh = Files.writeString(directory.resolve("fresh"), text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
