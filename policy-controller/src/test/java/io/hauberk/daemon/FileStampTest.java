// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStampTest {
  private static final FileTime TIME = FileTime.fromMillis(1_000_000);

  @TempDir private Path directory;
  private Path file;
  private FileStamp before;

  @BeforeEach
  void makeFile() throws IOException {
    file = Files.writeString(directory.resolve("file"), "one");
    Files.setLastModifiedTime(file, TIME);
    before = FileStamp.of(file);
  }

  @Test
  void readingChangesNothing() throws IOException {
    Files.readString(file);

    assertThat(FileStamp.of(file)).isEqualTo(before);
  }

  @Test
  void writingInPlaceIsSeen() throws IOException {
    Files.writeString(file, "two");

    assertThat(FileStamp.of(file)).isNotEqualTo(before);
  }

  @Test
  void aRenameIsSeenThoughSizeAndTimeAreTheSame() throws IOException {
    Path fresh = Files.writeString(directory.resolve("fresh"), "two");
    Files.setLastModifiedTime(fresh, TIME);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);

    assertThat(FileStamp.of(file)).isNotEqualTo(before);
  }

  @Test
  void aSwappedLinkIsSeen() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "two");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    FileStamp first = FileStamp.of(link);
    Files.delete(link);
    Files.createSymbolicLink(link, other);

    assertThat(FileStamp.of(link)).isNotEqualTo(first);
  }

  @Test
  void aFileThatIsGoneIsAbsent() throws IOException {
    Files.delete(file);

    assertThat(FileStamp.of(file).present()).isFalse();
  }
}
