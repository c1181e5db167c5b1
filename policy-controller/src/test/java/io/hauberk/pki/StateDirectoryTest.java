// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.rules.KeyType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
  @TempDir private Path temporary;

  private Path root;
  private StateDirectory state;
  private CertificateAuthority authority;

  @BeforeEach
  void makeState() {
    root = temporary.resolve("state");
    state = new StateDirectory(root);
    authority = CertificateAuthority.create("example.org", Profile.DEFAULT, Clock.systemUTC());
  }

  @Test
  void whatIsSavedComesBack() {
    StoredIdentity web = issue("web");
    state.save(authority);
    state.save(web);

    assertThat(state.hasAuthority()).isTrue();
    assertThat(state.authorityCertificate()).isEqualTo(authority.certificate());
    assertThat(state.authority(Clock.systemUTC()).key()).isEqualTo(authority.key());
    assertThat(state.identityNames()).containsExactly("web");
    assertThat(state.identity("web").chain()).isEqualTo(web.chain());
    assertThat(state.identity("web").key()).isEqualTo(web.key());
  }

  @Test
  void keysAreForTheOwnerAlone() throws IOException {
    state.save(authority);
    state.save(issue("web"));

    assertThat(mode(root)).isEqualTo("rwx------");
    assertThat(mode(root.resolve("ca.key"))).isEqualTo("rw-------");
    assertThat(mode(root.resolve("ca.crt"))).isEqualTo("rw-r--r--");
    assertThat(mode(root.resolve("identities/web"))).isEqualTo("rwx------");
    assertThat(mode(root.resolve("identities/web/tls.key"))).isEqualTo("rw-------");
  }

  @Test
  void replacingLeavesNoTemporaryFile() throws IOException {
    state.save(authority);
    state.save(issue("web"));
    state.save(issue("web"));

    try (Stream<Path> files = Files.list(root.resolve("identities/web"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("tls.crt", "tls.key");
    }
  }

  @Test
  void theBundleAddsAnchorsAndRepeatsNone() {
    CertificateAuthority other =
        CertificateAuthority.create("example.com", Profile.DEFAULT, Clock.systemUTC());
    state.save(authority);
    String bundle = Pem.ofCertificates(List.of(authority.certificate(), other.certificate()));
    AtomicFile.write(root.resolve("bundle.crt"), bundle.getBytes(), AtomicFile.PUBLIC);

    assertThat(state.anchors()).containsExactly(authority.certificate(), other.certificate());
  }

  @Test
  void whatIsMissingIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> state.identity("web"))
        .isInstanceOf(PkiException.class)
        .hasMessage(root + "/identities/web/tls.crt is not there: run hauberk init");
  }

  @Test
  void whatIsDamagedIsNamed() throws IOException {
    state.save(authority);
    Files.writeString(root.resolve("ca.key"), "no key");

    assertThatThrownBy(() -> state.authority(Clock.systemUTC()))
        .isInstanceOf(PkiException.class)
        .hasMessage(root + "/ca.key has no PEM block \"PRIVATE KEY\"");
  }

  @Test
  void whatWasAppliedIsRemembered() throws IOException {
    state.save(authority);
    assertThat(state.applied()).isEmpty();

    Applied applied = new Applied(Path.of("/etc/a=b.yaml"), "00ff");
    state.save(applied, new byte[] {'a', ':'});

    assertThat(state.applied()).contains(applied);
    assertThat(state.appliedCopy()).hasContent("a:");
  }

  @Test
  void oneDaemonAtATime() throws IOException {
    try (FileChannel held = state.claim().orElseThrow()) {
      assertThat(held.isOpen()).isTrue();
      assertThat(state.claim()).isEmpty();
    }
    try (FileChannel again = state.claim().orElseThrow()) {
      assertThat(again.isOpen()).isTrue();
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Files.createFile(root);

    assertThatThrownBy(() -> state.save(authority))
        .isInstanceOf(StateException.class)
        .hasMessageStartingWith("cannot write " + root);
  }

  private StoredIdentity issue(String name) {
    return authority.issue(
        new LeafRequest(
            name,
            "spiffe://example.org/" + name,
            List.of(),
            KeyType.EC_P256,
            Duration.ofHours(24)));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
