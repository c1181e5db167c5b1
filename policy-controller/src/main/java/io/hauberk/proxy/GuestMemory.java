// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A guest's memory in one array. Every address is unsigned and every check is made in 64 bits:
 * those of Chicory 1.7.5 wrap when a fill or a copy is very long.
 */
final class GuestMemory implements Memory {
  /** As the engine of the kernel bounds it (kmod/core/wasm/limits.h). */
  static final int PAGES_MAX = 256;

  private static final int REFUSED = -1;

  private final MemoryLimits limits;
  private DataSegment[] segments = {};
  private ByteBuffer bytes;

  GuestMemory(MemoryLimits limits) {
    this.limits = limits;
    this.bytes = buffer(new byte[Math.multiplyExact(limits.initialPages(), PAGE_SIZE)]);
  }

  private static ByteBuffer buffer(byte[] array) {
    return ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether all these bytes are there. */
  boolean holds(int address, int length) {
    return Integer.toUnsignedLong(address) + Integer.toUnsignedLong(length) <= bytes.capacity();
  }

  private int at(int address, int length) {
    if (!holds(address, length)) {
      throw new TrapException("out of bounds memory access");
    }
    return address;
  }

  @Override
  public int pages() {
    return bytes.capacity() / PAGE_SIZE;
  }

  @Override
  public int grow(int more) {
    int before = pages();
    long after = before + Integer.toUnsignedLong(more);
    if (after > maximumPages()) {
      return REFUSED;
    }
    bytes = buffer(Arrays.copyOf(bytes.array(), (int) after * PAGE_SIZE));
    return before;
  }

  @Override
  public int initialPages() {
    return limits.initialPages();
  }

  @Override
  public int maximumPages() {
    return Math.min(limits.maximumPages(), PAGES_MAX);
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  @SuppressWarnings("removal")
  public Object lock(int address) {
    throw noThreads();
  }

  @Override
  @SuppressWarnings("removal")
  public int waitOn(int address, int expected, long timeout) {
    throw noThreads();
  }

  @Override
  @SuppressWarnings("removal")
  public int waitOn(int address, long expected, long timeout) {
    throw noThreads();
  }

  @Override
  @SuppressWarnings("removal")
  public int notify(int address, int waiters) {
    throw noThreads();
  }

  private static UnsupportedOperationException noThreads() {
    return new UnsupportedOperationException("guests have no threads");
  }

  @Override
  public void initialize(Instance instance, DataSegment[] all) {
    segments = all == null ? segments : all.clone();
    for (int i = 0; i < segments.length; i++) {
      if (segments[i] instanceof ActiveDataSegment segment) {
        int to =
            (int)
                ConstantEvaluators.computeConstantValue(instance, segment.offsetInstructions())[0];
        write(to, segment.data(), 0, segment.data().length);
        drop(i);
      }
    }
  }

  @Override
  public void initialize(Instance instance, DataSegment[] all, int memory) {
    initialize(instance, all);
  }

  @Override
  public void initPassiveSegment(int segment, int to, int from, int length) {
    write(to, segments[segment].data(), from, length);
  }

  @Override
  public void drop(int segment) {
    segments[segment] = PassiveDataSegment.EMPTY;
  }

  @Override
  public void write(int address, byte[] data, int from, int length) {
    if (Integer.toUnsignedLong(from) + Integer.toUnsignedLong(length) > data.length) {
      throw new TrapException("out of bounds memory access");
    }
    bytes.put(at(address, length), data, from, length);
  }

  @Override
  public byte read(int address) {
    return bytes.get(at(address, Byte.BYTES));
  }

  @Override
  public byte[] readBytes(int address, int length) {
    int start = at(address, length);
    return Arrays.copyOfRange(bytes.array(), start, start + length);
  }

  @Override
  public void writeByte(int address, byte value) {
    bytes.put(at(address, Byte.BYTES), value);
  }

  @Override
  public short readShort(int address) {
    return bytes.getShort(at(address, Short.BYTES));
  }

  @Override
  public long readU16(int address) {
    return Short.toUnsignedLong(readShort(address));
  }

  @Override
  public void writeShort(int address, short value) {
    bytes.putShort(at(address, Short.BYTES), value);
  }

  @Override
  public int readInt(int address) {
    return bytes.getInt(at(address, Integer.BYTES));
  }

  @Override
  public void writeI32(int address, int value) {
    bytes.putInt(at(address, Integer.BYTES), value);
  }

  @Override
  public long readLong(int address) {
    return bytes.getLong(at(address, Long.BYTES));
  }

  @Override
  public void writeLong(int address, long value) {
    bytes.putLong(at(address, Long.BYTES), value);
  }

  @Override
  public float readFloat(int address) {
    return Float.intBitsToFloat(readInt(address));
  }

  @Override
  public long readF32(int address) {
    return readInt(address);
  }

  @Override
  public void writeF32(int address, float value) {
    writeI32(address, Float.floatToRawIntBits(value));
  }

  @Override
  public double readDouble(int address) {
    return Double.longBitsToDouble(readLong(address));
  }

  @Override
  public long readF64(int address) {
    return readLong(address);
  }

  @Override
  public void writeF64(int address, double value) {
    writeLong(address, Double.doubleToRawLongBits(value));
  }

  @Override
  public void zero() {
    Arrays.fill(bytes.array(), (byte) 0);
  }

  @Override
  public void fill(byte value, int from, int to) {
    int start = at(from, to - from);
    Arrays.fill(bytes.array(), start, to, value);
  }

  @Override
  public void copy(int to, int from, int length) {
    int source = at(from, length);
    System.arraycopy(bytes.array(), source, bytes.array(), at(to, length), length);
  }
}
