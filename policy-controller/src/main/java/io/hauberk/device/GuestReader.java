// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import io.hauberk.wasm.Extern;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestExport;
import io.hauberk.wasm.GuestImport;
import io.hauberk.wasm.GuestResult;
import io.hauberk.wasm.Value;
import io.hauberk.wasm.ValueType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What frames tell of guests. */
final class GuestReader {
  private GuestReader() {}

  static Guest guest(Frame frame) {
    return new Guest(
        frame.string(Wire.A_NAME),
        frame.nanoseconds(Wire.A_TIME_NS),
        frame.number(Wire.A_SIZE),
        frame.hex(Wire.A_DIGEST),
        frame.number(Wire.A_COMPILED) != 0,
        frame.number(Wire.A_FLOATS) != 0,
        frame.number(Wire.A_QUARANTINED) != 0,
        frame.number(Wire.A_CALLS),
        frame.number(Wire.A_TRAPS),
        frame.number(Wire.A_INSTRUCTIONS),
        frame.number(Wire.A_INSTANCES),
        frame.number(Wire.A_MEMORY_BYTES),
        frame.number(Wire.A_FUNCTIONS),
        frame.number(Wire.A_IMPORTS),
        frame.number(Wire.A_EXPORTS),
        frame.has(Wire.A_MIN) ? Optional.of(memory(frame)) : Optional.empty());
  }

  static GuestImport guestImport(Frame frame) {
    return new GuestImport(frame.string(Wire.A_MODULE), frame.string(Wire.A_FIELD), extern(frame));
  }

  static GuestExport guestExport(Frame frame) {
    return new GuestExport(frame.string(Wire.A_FIELD), extern(frame));
  }

  static GuestResult result(Frame frame) {
    return new GuestResult(
        values(frame.bytes(Wire.A_VALUES)),
        frame.string(Wire.A_TRAP),
        frame.number(Wire.A_INSTRUCTIONS),
        Duration.ofNanos(frame.number(Wire.A_DURATION_NS)));
  }

  /** The arguments of a call, as the kernel reads them. */
  static byte[] bytes(List<Value> values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.size() * Wire.VALUE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    for (Value value : values) {
      bytes.putLong(value.bits()).putLong(value.type().code());
    }
    return bytes.array();
  }

  private static List<Value> values(byte[] payload) {
    if (payload.length % Wire.VALUE_LENGTH != 0) {
      throw Frame.malformed("its values are cut off");
    }
    ByteBuffer bytes = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    List<Value> values = new ArrayList<>();
    while (bytes.hasRemaining()) {
      long bits = bytes.getLong();
      values.add(new Value(type((int) bytes.getLong()), bits));
    }
    return values;
  }

  private static Extern extern(Frame frame) {
    int kind = frame.integer(Wire.A_KIND);
    return switch (kind) {
      case Wire.WIRE_FUNCTION ->
          new Extern.Function(types(frame, Wire.A_PARAMETERS), types(frame, Wire.A_RESULTS));
      case Wire.WIRE_TABLE ->
          new Extern.Table(
              type(frame.integer(Wire.A_VALUE_TYPE)), frame.number(Wire.A_MIN), max(frame));
      case Wire.WIRE_MEMORY -> memory(frame);
      case Wire.WIRE_GLOBAL ->
          new Extern.Global(
              type(frame.integer(Wire.A_VALUE_TYPE)), frame.number(Wire.A_MUTABLE) != 0);
      default -> throw Frame.malformed("its kind is " + kind);
    };
  }

  private static Extern.Memory memory(Frame frame) {
    return new Extern.Memory(frame.number(Wire.A_MIN), max(frame));
  }

  private static OptionalLong max(Frame frame) {
    return frame.has(Wire.A_MAX) ? OptionalLong.of(frame.number(Wire.A_MAX)) : OptionalLong.empty();
  }

  private static List<ValueType> types(Frame frame, int attribute) {
    List<ValueType> types = new ArrayList<>();
    for (byte code : frame.bytes(attribute)) {
      types.add(type(code));
    }
    return types;
  }

  private static ValueType type(int code) {
    return ValueType.ofCode(code)
        .orElseThrow(() -> Frame.malformed("its type of value is " + code));
  }
}
