// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.List;
import java.util.Optional;

/** The functions for buffers. */
final class BufferCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.of("proxy_get_buffer_bytes", "Bnno", BufferCalls::get),
          HostCall.of("proxy_set_buffer_bytes", "Bnns", BufferCalls::set),
          HostCall.of("proxy_get_buffer_status", "B44", BufferCalls::status));

  /** Bytes of one buffer, also after a filter has added to it. */
  private static final int BUFFER_MAX = 2 << 20;

  private BufferCalls() {}

  private static BufferType type(Call call) {
    return BufferType.values()[call.number(0)];
  }

  private static Answer get(Call call) {
    Optional<ByteQueue> buffer = call.vm().buffer(type(call));
    if (buffer.isEmpty()) {
      return Status.NOT_FOUND;
    }
    long start = Integer.toUnsignedLong(call.number(1));
    long wanted = Integer.toUnsignedLong(call.number(2));
    if (start + wanted > 0xffffffffL) {
      return Status.BAD_ARGUMENT;
    }
    int from = (int) Math.min(start, buffer.get().size());
    int length = (int) Math.min(wanted, buffer.get().size() - from);
    return call.put(3, buffer.get().copy(from, length));
  }

  private static Answer set(Call call) {
    BufferType type = type(call);
    Optional<ByteQueue> found = call.vm().buffer(type);
    if (found.isEmpty()) {
      return Status.NOT_FOUND;
    }
    if (!call.vm().isWritable(type)) {
      return Status.BAD_ARGUMENT;
    }
    ByteQueue buffer = found.get();
    byte[] bytes = call.bytes(3);
    int start = (int) Math.min(Integer.toUnsignedLong(call.number(1)), buffer.size());
    int length = (int) Math.min(Integer.toUnsignedLong(call.number(2)), buffer.size() - start);
    if ((long) buffer.size() - length + bytes.length > BUFFER_MAX) {
      return Status.INTERNAL_FAILURE;
    }
    buffer.replace(start, length, bytes);
    return Status.OK;
  }

  private static Answer status(Call call) {
    Optional<ByteQueue> buffer = call.vm().buffer(type(call));
    if (buffer.isEmpty()) {
      return Status.NOT_FOUND;
    }
    call.put(1, buffer.get().size());
    call.put(2, 0);
    return Status.OK;
  }
}
