// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small filters, written byte by byte: what they do stands in the comments. */
public final class TestGuests {
  private static final int I32 = 0x7f;
  private static final int FUNCTION = 0;
  private static final int MEMORY = 2;

  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> imports = new ArrayList<>();
  private final List<byte[]> functions = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private int pages = 1;

  private TestGuests() {}

  /** One that lets everything pass. */
  public static byte[] pass() {
    return filter().function("proxy_on_downstream_data", 3, true, 0x41, 0).module();
  }

  /** The same with an endless loop in on_tick. */
  static byte[] endless() {
    return filter().function("proxy_on_tick", 1, false, 0x03, 0x40, 0x0c, 0, 0x0b).module();
  }

  /** on_tick calls itself without end. */
  static byte[] recursive() {
    TestGuests guest = filter();
    return guest.function("proxy_on_tick", 1, false, 0x41, 1, 0x10, 2).module();
  }

  /** on_tick reads past the memory's end. */
  static byte[] outOfBounds() {
    return filter().function("proxy_on_tick", 1, false, 0x41, 0x7f, 0x28, 0, 0, 0x1a).module();
  }

  /** The result of on_tick is the ABI's: none; this one has one. */
  static byte[] wrongCallback() {
    return filter().function("proxy_on_tick", 1, true, 0x41, 0).module();
  }

  /** It imports what nobody has. */
  static byte[] unlinkable() {
    TestGuests guest = new TestGuests();
    guest.imports.add(
        join(
            name("env"),
            name("no_such_function"),
            new byte[] {FUNCTION, (byte) guest.type(1, false)}));
    return guest.marked().module();
  }

  /** A Rust program's memory, a float, and callbacks that nobody calls. */
  static byte[] improvable() {
    TestGuests guest = filter();
    guest.pages = 17;
    guest.function("proxy_on_downstream_date", 3, true, 0x41, 0);
    // f64.const 0, drop
    guest.function("compute", 0, false, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a);
    return guest.module();
  }

  /** No ABI, no allocator. */
  static byte[] empty() {
    return new TestGuests().module();
  }

  private static TestGuests filter() {
    return new TestGuests().marked();
  }

  private TestGuests marked() {
    return function("proxy_abi_version_0_2_1", 0, false)
        .function("malloc", 1, true, 0x41, 0x80, 0x08);
  }

  private TestGuests function(String export, int parameters, boolean result, int... code) {
    int type = type(parameters, result);
    exports.add(
        join(name(export), new byte[] {FUNCTION, (byte) (imports.size() + functions.size())}));
    functions.add(new byte[] {(byte) type});
    byte[] body = new byte[code.length + 2];
    for (int i = 0; i < code.length; i++) {
      body[i + 1] = (byte) code[i];
    }
    body[body.length - 1] = 0x0b;
    bodies.add(join(new byte[] {(byte) body.length}, body));
    return this;
  }

  private int type(int parameters, boolean result) {
    ByteArrayOutputStream type = new ByteArrayOutputStream();
    type.write(0x60);
    type.write(parameters);
    for (int i = 0; i < parameters; i++) {
      type.write(I32);
    }
    type.write(result ? 1 : 0);
    if (result) {
      type.write(I32);
    }
    types.add(type.toByteArray());
    return types.size() - 1;
  }

  private byte[] module() {
    exports.add(join(name("memory"), new byte[] {MEMORY, 0}));
    return join(
        new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0},
        section(1, types),
        section(2, imports),
        section(3, functions),
        section(5, List.of(new byte[] {0, (byte) pages})),
        section(7, exports),
        section(10, bodies));
  }

  private static byte[] section(int id, List<byte[]> entries) {
    if (entries.isEmpty()) {
      return new byte[0];
    }
    byte[] content = join(new byte[] {(byte) entries.size()}, join(entries.toArray(byte[][]::new)));
    // Two bytes of LEB128.
    byte[] head = {(byte) id, (byte) (content.length & 0x7f | 0x80), (byte) (content.length >> 7)};
    return join(head, content);
  }

  private static byte[] name(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return join(new byte[] {(byte) bytes.length}, bytes);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
