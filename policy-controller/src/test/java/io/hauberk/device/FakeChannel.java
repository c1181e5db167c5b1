// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;

/** A device whose answers a test scripts: each request is kept, and its answers are queued. */
final class FakeChannel implements ByteChannel {
  /** The frames written so far. */
  final List<byte[]> requests = new ArrayList<>();

  private final Deque<Object> answers = new ArrayDeque<>();
  private final BiConsumer<FakeChannel, Integer> script;
  private boolean open = true;

  /** The script is given the type of each request. */
  FakeChannel(BiConsumer<FakeChannel, Integer> script) {
    this.script = script;
  }

  /** Answers the last request; the frame's sequence is set to the request's. */
  FakeChannel answer(FrameWriter writer) {
    ByteBuffer frame = writer.end();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    answers.add(bytes);
    return this;
  }

  FakeChannel ok() {
    return refuse(0, "", "");
  }

  FakeChannel refuse(int errno, String text, String item) {
    return answer(
        begin(Wire.REPLY)
            .u32(Wire.A_ERRNO, errno)
            .string(Wire.A_TEXT, text)
            .string(Wire.A_ITEM, item)
            .u64(Wire.A_GENERATION, 7));
  }

  FakeChannel greet() {
    return answer(
        begin(Wire.HELLO_REPLY)
            .u32(Wire.A_VERSION, 1)
            .string(Wire.A_MODULE_VERSION, "0.1.0")
            .u64(Wire.A_INSTANCE, 0xfedcba9876543210L)
            .u64(Wire.A_GENERATION, 3));
  }

  FakeChannel raw(byte[] frame) {
    answers.add(frame);
    return this;
  }

  /** The next read fails so. */
  FakeChannel fail(IOException failure) {
    answers.add(failure);
    return this;
  }

  FrameWriter begin(int type) {
    byte[] last = requests.get(requests.size() - 1);
    int sequence = ByteBuffer.wrap(last).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
    return new FrameWriter().begin(type, sequence);
  }

  List<Integer> types() {
    return requests.stream().map(FakeChannel::type).toList();
  }

  private static int type(byte[] frame) {
    return Short.toUnsignedInt(ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getShort(4));
  }

  @Override
  public int write(ByteBuffer source) {
    byte[] frame = new byte[source.remaining()];
    source.get(frame);
    requests.add(frame);
    script.accept(this, type(frame));
    return frame.length;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    Object answer = answers.poll();
    if (answer instanceof IOException failure) {
      throw failure;
    }
    if (answer == null) {
      return -1;
    }
    target.put((byte[]) answer);
    return ((byte[]) answer).length;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
