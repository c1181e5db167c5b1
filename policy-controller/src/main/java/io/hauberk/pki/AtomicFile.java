// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Replaces files so that a reader, or a machine that loses power, sees the old or the new one. */
public final class AtomicFile {
  static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
  public static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rw-r--r--");

  private AtomicFile() {}

  /** Replaces a file. */
  public static void write(Path path, byte[] content, Set<PosixFilePermission> permissions) {
    try {
      Path parent = path.toAbsolutePath().getParent();
      Path fresh =
          Files.createTempFile(
              parent,
              "." + path.getFileName(),
              ".new",
              PosixFilePermissions.asFileAttribute(PRIVATE));
      try {
        fill(fresh, content);
        Files.setPosixFilePermissions(fresh, permissions);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      sync(parent);
    } catch (IOException e) {
      throw StateException.cannotWrite(path, e);
    }
  }

  private static void fill(Path path, byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Makes the rename itself last. */
  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
