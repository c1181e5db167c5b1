// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** One section of the decision table while it grows. */
final class TableSection {
  private static final int INITIAL_SIZE = 256;

  private ByteBuffer buffer = allocate(INITIAL_SIZE);
  private int count;

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Begins a record of so many bytes, which the caller puts into what this returns. */
  ByteBuffer record(int size) {
    room(size);
    count++;
    return buffer;
  }

  /** Adds bytes each of which counts as a record. */
  void text(byte[] bytes) {
    room(bytes.length);
    buffer.put(bytes);
    count += bytes.length;
  }

  /** How many records there are. */
  int count() {
    return count;
  }

  byte[] bytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private void room(int size) {
    if (buffer.remaining() < size) {
      ByteBuffer larger = allocate(Math.max(2 * buffer.capacity(), buffer.position() + size));
      buffer = larger.put(buffer.flip());
    }
  }
}
