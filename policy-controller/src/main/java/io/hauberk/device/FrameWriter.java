// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Builds one request after the other in one buffer outside the heap, so that a key leaves no copy
 * behind: {@link #wipe()} clears what was built.
 */
final class FrameWriter {
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(Wire.FRAME_MAX).order(ByteOrder.LITTLE_ENDIAN);

  FrameWriter begin(int type, int sequence) {
    buffer.clear();
    buffer.putInt(0).putShort((short) type).putShort((short) 0).putInt(sequence).putInt(0);
    return this;
  }

  FrameWriter bytes(int attribute, byte[] payload) {
    return bytes(attribute, payload, 0, payload.length);
  }

  FrameWriter bytes(int attribute, byte[] payload, int offset, int length) {
    int padding = -length & (Wire.ATTR_ALIGN - 1);
    header(attribute, length, padding);
    buffer.put(payload, offset, length);
    pad(padding);
    return this;
  }

  FrameWriter string(int attribute, String value) {
    return bytes(attribute, value.getBytes(StandardCharsets.UTF_8));
  }

  FrameWriter u8(int attribute, int value) {
    return bytes(attribute, new byte[] {(byte) value});
  }

  FrameWriter u16(int attribute, int value) {
    return bytes(attribute, new byte[] {(byte) value, (byte) (value >> Byte.SIZE)});
  }

  FrameWriter u32(int attribute, int value) {
    header(attribute, Integer.BYTES, 0);
    buffer.putInt(value);
    return this;
  }

  FrameWriter u64(int attribute, long value) {
    header(attribute, Long.BYTES, 0);
    buffer.putLong(value);
    return this;
  }

  /** The finished frame; valid until the next {@link #begin}. */
  ByteBuffer end() {
    buffer.putInt(0, buffer.position());
    return buffer.flip();
  }

  void wipe() {
    buffer.clear();
    while (buffer.remaining() >= Long.BYTES) {
      buffer.putLong(0);
    }
    buffer.clear();
  }

  private void header(int attribute, int length, int padding) {
    if (length + Wire.ATTR_HEADER > Wire.ATTR_MAX
        || Wire.ATTR_HEADER + length + padding > buffer.remaining()) {
      throw new DeviceException(
          "attribute " + attribute + " of " + length + " bytes does not fit into a frame");
    }
    buffer.putShort((short) (length + Wire.ATTR_HEADER)).putShort((short) attribute);
  }

  private void pad(int padding) {
    for (int i = 0; i < padding; i++) {
      buffer.put((byte) 0);
    }
  }
}
