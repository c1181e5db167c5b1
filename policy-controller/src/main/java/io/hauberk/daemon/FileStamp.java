// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What changes when a file does. An editor that writes a new file and renames it changes the key
 * (the inode), one that writes in place changes the time, and so does a configuration tool that
 * swaps a symbolic link.
 */
record FileStamp(boolean present, Object key, long size, FileTime modified) {
  private static final FileStamp ABSENT = new FileStamp(false, null, 0, FileTime.fromMillis(0));

  static FileStamp of(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new FileStamp(
          true, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    } catch (IOException e) {
      return ABSENT;
    }
  }
}
