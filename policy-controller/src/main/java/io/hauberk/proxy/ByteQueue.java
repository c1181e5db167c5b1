// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.Arrays;

/** Bytes that wait: appended at their end, taken from their begin, changed anywhere by a filter. */
final class ByteQueue {
  private byte[] bytes = {};

  ByteQueue() {}

  ByteQueue(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  int size() {
    return bytes.length;
  }

  boolean isEmpty() {
    return bytes.length == 0;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  void append(byte[] more) {
    bytes = Bytes.join(bytes, more);
  }

  /** All of them; none are left. */
  byte[] takeAll() {
    byte[] all = bytes;
    bytes = new byte[0];
    return all;
  }

  byte[] take(int length) {
    byte[] taken = Arrays.copyOf(bytes, length);
    bytes = Bytes.from(bytes, length);
    return taken;
  }

  byte[] copy(int start, int length) {
    return Arrays.copyOfRange(bytes, start, start + length);
  }

  /** Puts others in the place of some. */
  void replace(int start, int length, byte[] others) {
    bytes = Bytes.join(Arrays.copyOf(bytes, start), others, Bytes.from(bytes, start + length));
  }
}
