// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import io.hauberk.rules.Direction;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One frame that the device sent. An attribute that is absent reads as empty or zero. */
final class Frame {
  private final int type;
  private final int sequence;
  private final Map<Integer, ByteBuffer> attributes;

  private Frame(int type, int sequence, Map<Integer, ByteBuffer> attributes) {
    this.type = type;
    this.sequence = sequence;
    this.attributes = attributes;
  }

  /**
   * Reads what one read of the device returned.
   *
   * @throws DeviceException if that is not exactly one frame
   */
  static Frame parse(ByteBuffer received) {
    ByteBuffer in = received.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < Wire.FRAME_HEADER || in.getInt(0) != in.remaining()) {
      throw malformed("its length is wrong");
    }
    int type = Short.toUnsignedInt(in.getShort(4));
    int sequence = in.getInt(8);
    in.position(Wire.FRAME_HEADER);
    Map<Integer, ByteBuffer> attributes = new HashMap<>();
    while (in.hasRemaining()) {
      readAttribute(in, attributes);
    }
    return new Frame(type, sequence, attributes);
  }

  private static void readAttribute(ByteBuffer in, Map<Integer, ByteBuffer> attributes) {
    int start = in.position();
    if (in.remaining() < Wire.ATTR_HEADER) {
      throw malformed("an attribute is cut off");
    }
    int length = Short.toUnsignedInt(in.getShort());
    int attribute = Short.toUnsignedInt(in.getShort());
    int padded = length + (-length & (Wire.ATTR_ALIGN - 1));
    if (length < Wire.ATTR_HEADER || padded > in.limit() - start) {
      throw malformed("attribute " + attribute + " is cut off");
    }
    byte[] payload = new byte[length - Wire.ATTR_HEADER];
    in.get(payload);
    attributes.put(attribute, ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN));
    in.position(start + padded);
  }

  int type() {
    return type;
  }

  int sequence() {
    return sequence;
  }

  boolean isEvent() {
    return type >= Wire.EVENT_OPENED;
  }

  boolean has(int attribute) {
    return attributes.containsKey(attribute);
  }

  /** An unsigned integer of whatever width was sent. */
  long number(int attribute) {
    ByteBuffer payload = attributes.get(attribute);
    if (payload == null) {
      return 0;
    }
    return switch (payload.limit()) {
      case Byte.BYTES -> Byte.toUnsignedLong(payload.get(0));
      case Short.BYTES -> Short.toUnsignedLong(payload.getShort(0));
      case Integer.BYTES -> Integer.toUnsignedLong(payload.getInt(0));
      case Long.BYTES -> payload.getLong(0);
      default -> throw malformed("attribute " + attribute + " is not a number");
    };
  }

  int integer(int attribute) {
    return (int) number(attribute);
  }

  String string(int attribute) {
    ByteBuffer payload = attributes.get(attribute);
    return payload == null ? "" : StandardCharsets.UTF_8.decode(payload.duplicate()).toString();
  }

  byte[] bytes(int attribute) {
    ByteBuffer payload = attributes.get(attribute);
    return payload == null ? new byte[0] : payload.array();
  }

  String hex(int attribute) {
    ByteBuffer payload = attributes.get(attribute);
    return payload == null ? "" : HexFormat.of().formatHex(payload.array());
  }

  Instant nanoseconds(int attribute) {
    long nanoseconds = number(attribute);
    long second = TimeUnit.SECONDS.toNanos(1);
    return Instant.ofEpochSecond(nanoseconds / second, nanoseconds % second);
  }

  Instant seconds(int attribute) {
    return Instant.ofEpochSecond(number(attribute));
  }

  Direction direction() {
    int code = integer(Wire.A_DIRECTION);
    for (Direction direction : Direction.values()) {
      if (direction.code() == code) {
        return direction;
      }
    }
    throw malformed("its direction is " + code);
  }

  InetSocketAddress endpoint(int addressAttribute, int portAttribute) {
    ByteBuffer payload = attributes.get(addressAttribute);
    byte[] address = payload == null ? new byte[Wire.ADDRESS_LENGTH] : payload.array();
    int port = integer(portAttribute);
    if (address.length != Wire.ADDRESS_LENGTH || port < 0 || port > 0xffff) {
      throw malformed("its address is not one");
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An address as the wire has it: an IPv4 one as {@code ::ffff:a.b.c.d}. */
  static byte[] mapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == Wire.ADDRESS_LENGTH) {
      return bytes;
    }
    byte[] mapped = new byte[Wire.ADDRESS_LENGTH];
    int prefix = mapped.length - bytes.length;
    mapped[prefix - 1] = (byte) 0xff;
    mapped[prefix - 2] = (byte) 0xff;
    System.arraycopy(bytes, 0, mapped, prefix, bytes.length);
    return mapped;
  }

  static DeviceException malformed(String why) {
    return new DeviceException("the module sent a malformed frame: " + why);
  }
}
