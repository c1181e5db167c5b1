// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What outlives a command: the authority, the identities, and which rule-set was applied last.
 *
 * <pre>
 * ca.crt  ca.key                  the authority of this trust domain
 * bundle.crt                      further trust anchors, if there are any
 * identities/NAME/tls.crt tls.key one identity each; the leaf first
 * profile.yaml                    how certificates are made, if not by the default profile
 * applied  applied.yaml           the last rule-set that was pushed: where it stood, what it said
 * lock                            held while a pair of files is replaced or read
 * </pre>
 *
 * <p>Locks are between processes; threads of one process must not use one directory at once.
 */
public final class StateDirectory {
  private static final String PATH = "file=";
  private static final String DIGEST = "sha256=";

  private final Path root;

  public StateDirectory(Path root) {
    this.root = root;
  }

  public Path root() {
    return root;
  }

  public Path caCertificate() {
    return root.resolve("ca.crt");
  }

  public Path identities() {
    return root.resolve("identities");
  }

  public boolean hasAuthority() {
    return Files.exists(caCertificate());
  }

  public boolean hasIdentity(String name) {
    return Files.exists(certificateOf(name));
  }

  /** The authority's certificate alone: no key is read. */
  public X509Certificate authorityCertificate() {
    return Pem.certificates(read(caCertificate()), caCertificate()).get(0);
  }

  public CertificateAuthority authority(Clock clock) {
    return locked(
        () ->
            new CertificateAuthority(
                authorityCertificate(), Pem.key(read(caKey()), caKey()), clock));
  }

  /** The authority, and the anchors of others in bundle.crt; one of the two must be there. */
  public List<X509Certificate> anchors() {
    Set<X509Certificate> anchors = new LinkedHashSet<>();
    if (hasAuthority() || !Files.exists(bundle())) {
      anchors.addAll(Pem.certificates(read(caCertificate()), caCertificate()));
    }
    if (Files.exists(bundle())) {
      anchors.addAll(Pem.certificates(read(bundle()), bundle()));
    }
    return List.copyOf(anchors);
  }

  /** One identity with its key. */
  public StoredIdentity identity(String name) {
    return locked(
        () ->
            new StoredIdentity(name, certificates(name), Pem.key(read(keyOf(name)), keyOf(name))));
  }

  /** The certificates of an identity, the leaf first; no key is read. */
  public List<X509Certificate> certificates(String name) {
    return Pem.certificates(read(certificateOf(name)), certificateOf(name));
  }

  /** The names of all identities, in alphabetical order. */
  public List<String> identityNames() {
    if (!Files.isDirectory(identities())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(identities())) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(this::hasIdentity)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw StateException.cannotRead(identities(), e);
    }
  }

  public void save(CertificateAuthority authority) {
    create(root);
    locked(
        () -> {
          writeKey(caKey(), Pem.ofKey(authority.key()));
          writeCertificates(caCertificate(), List.of(authority.certificate()));
          return null;
        });
  }

  public void save(StoredIdentity identity) {
    create(root);
    create(identities());
    create(directoryOf(identity.name()));
    locked(
        () -> {
          writeKey(keyOf(identity.name()), Pem.ofKey(identity.key()));
          writeCertificates(certificateOf(identity.name()), identity.chain());
          return null;
        });
  }

  /** Which rule-set was pushed last; empty if there was none. */
  public Optional<Applied> applied() {
    if (!Files.exists(appliedFile())) {
      return Optional.empty();
    }
    Map<String, String> lines =
        new String(read(appliedFile()), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("="))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=') + 1),
                    line -> line.substring(line.indexOf('=') + 1),
                    (first, second) -> second));
    if (!lines.containsKey(PATH) || !lines.containsKey(DIGEST)) {
      throw new PkiException(appliedFile() + " is damaged: apply the rule-set again");
    }
    return Optional.of(new Applied(Path.of(lines.get(PATH)), lines.get(DIGEST)));
  }

  /** Remembers a rule-set that the kernel has taken, and its text. */
  public void save(Applied applied, byte[] text) {
    create(root);
    AtomicFile.write(appliedCopy(), text, AtomicFile.PRIVATE);
    String lines = PATH + applied.file() + "\n" + DIGEST + applied.digest() + "\n";
    AtomicFile.write(appliedFile(), lines.getBytes(StandardCharsets.UTF_8), AtomicFile.PRIVATE);
  }

  /** The text of the rule-set that was pushed last. */
  public Path appliedCopy() {
    return root.resolve("applied.yaml");
  }

  /** How certificates are made here. */
  public Profile profile() {
    return Files.exists(profileFile()) ? ProfileReader.read(profileFile()) : Profile.DEFAULT;
  }

  /** Keeps a profile, which must have been read successfully, for all later certificates. */
  public void saveProfile(Path profile) {
    create(root);
    AtomicFile.write(profileFile(), read(profile), AtomicFile.PUBLIC);
  }

  /** The files whose change means that what the kernel holds is no longer what is here. */
  public List<Path> pushed(Collection<String> identities) {
    List<Path> files = new ArrayList<>(List.of(caCertificate(), bundle()));
    identities.forEach(name -> files.add(certificateOf(name)));
    return files;
  }

  /**
   * Claims this directory for a daemon until the lock is closed; empty if another one has it.
   *
   * @return the channel that holds the lock
   */
  public Optional<FileChannel> claim() {
    Path path = root.resolve("serve.lock");
    create(root);
    try {
      FileChannel channel = openLock(path);
      if (tryLock(channel)) {
        return Optional.of(channel);
      }
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      throw StateException.cannotWrite(path, e);
    }
  }

  private Path caKey() {
    return root.resolve("ca.key");
  }

  private Path bundle() {
    return root.resolve("bundle.crt");
  }

  private Path profileFile() {
    return root.resolve("profile.yaml");
  }

  private Path appliedFile() {
    return root.resolve("applied");
  }

  private Path directoryOf(String name) {
    return identities().resolve(name);
  }

  private Path certificateOf(String name) {
    return directoryOf(name).resolve("tls.crt");
  }

  private Path keyOf(String name) {
    return directoryOf(name).resolve("tls.key");
  }

  private static void writeKey(Path path, String pem) {
    AtomicFile.write(path, pem.getBytes(StandardCharsets.US_ASCII), AtomicFile.PRIVATE);
  }

  private static void writeCertificates(Path path, List<X509Certificate> certificates) {
    byte[] pem = Pem.ofCertificates(certificates).getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(path, pem, AtomicFile.PUBLIC);
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new PkiException(path + " is not there: run hauberk init", e);
    } catch (IOException e) {
      throw StateException.cannotRead(path, e);
    }
  }

  private static void create(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw StateException.cannotWrite(directory, e);
    }
  }

  /** A certificate and its key are two files: nobody may see one of them old and one new. */
  @SuppressWarnings("try") // the lock is held while it is open
  private <T> T locked(Supplier<T> action) {
    Path path = root.resolve("lock");
    if (!Files.isDirectory(root)) {
      return action.get();
    }
    try (FileChannel channel = openLock(path);
        FileLock lock = channel.lock()) {
      return action.get();
    } catch (IOException e) {
      throw StateException.cannotWrite(path, e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this very process holds it
    }
  }

  private static FileChannel openLock(Path path) throws IOException {
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(AtomicFile.PRIVATE));
  }
}
