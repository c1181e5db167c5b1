// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Header maps as guests see them: how many there are, the lengths of all names and values, then
 * each name and value with a NUL behind it.
 */
final class Pairs {
  static final int COUNT_MAX = 1024;
  static final int BYTES_MAX = 1 << 20;

  private static final int LENGTHS = 2 * Integer.BYTES;

  private Pairs() {}

  static int length(List<Header> headers) {
    return headers.stream().mapToInt(Pairs::length).sum() + Integer.BYTES;
  }

  private static int length(Header header) {
    return LENGTHS + header.name().length() + header.value().length() + 2;
  }

  static boolean fit(List<Header> headers) {
    return headers.size() <= COUNT_MAX && length(headers) <= BYTES_MAX;
  }

  static byte[] write(List<Header> headers) {
    ByteBuffer out = ByteBuffer.allocate(length(headers)).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(headers.size());
    for (Header header : headers) {
      out.putInt(header.name().length()).putInt(header.value().length());
    }
    for (Header header : headers) {
      out.put(Bytes.of(header.name())).put((byte) 0);
      out.put(Bytes.of(header.value())).put((byte) 0);
    }
    return out.array();
  }

  /** The headers, or nothing if these bytes are not exactly some. */
  static Optional<List<Header>> read(byte[] bytes) {
    if (bytes.length == 0 || bytes.length == 1 && bytes[0] == 0) {
      return Optional.of(List.of());
    }
    if (bytes.length < Integer.BYTES || bytes.length > BYTES_MAX) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long count = Integer.toUnsignedLong(in.getInt());
    if (count > COUNT_MAX || count * LENGTHS > in.remaining()) {
      return Optional.empty();
    }
    List<Header> headers = new ArrayList<>();
    int at = Integer.BYTES + (int) count * LENGTHS;
    for (int i = 0; i < count; i++) {
      long name = Integer.toUnsignedLong(in.getInt());
      long value = Integer.toUnsignedLong(in.getInt());
      if (at + name + value + 2 > bytes.length
          || bytes[at + (int) name] != 0
          || bytes[at + (int) name + 1 + (int) value] != 0) {
        return Optional.empty();
      }
      String text = new String(bytes, at, (int) (name + value) + 1, ISO);
      headers.add(new Header(text.substring(0, (int) name), text.substring((int) name + 1)));
      at += (int) (name + value) + 2;
    }
    return at == bytes.length ? Optional.of(headers) : Optional.empty();
  }

  private static final java.nio.charset.Charset ISO = java.nio.charset.StandardCharsets.ISO_8859_1;
}
