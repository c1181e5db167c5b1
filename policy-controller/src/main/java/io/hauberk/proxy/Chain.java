// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * A filter on one connection: bytes are pushed in at one end of a flow and come out at the other.
 * Once the filter has failed it is left out, if it may fail; otherwise the connection ends.
 */
abstract class Chain {
  /** Bytes that are held of one flow before its sender has to wait. */
  static final int HELD_MAX = 1 << 20;

  private final Vm vm;
  private final boolean open;
  private final Trace trace;
  private final Map<Flow, Out> out = new EnumMap<>(Flow.class);
  private final Set<Flow> ended = EnumSet.noneOf(Flow.class);
  private boolean bypassed;
  private boolean failed;
  private boolean closing;

  /** From client to server, and back. */
  enum Flow {
    REQUEST("up"),
    RESPONSE("down");

    private final String out;

    Flow(String out) {
      this.out = out;
    }
  }

  /** Which end of the connection closed it, by its number. */
  enum Peer {
    UNKNOWN,
    LOCAL,
    REMOTE
  }

  private static final class Out {
    private final ByteQueue bytes = new ByteQueue();
    private boolean ended;
    private boolean told;
  }

  Chain(Vm vm, boolean open, Trace trace) {
    this.vm = vm;
    this.open = open;
    this.trace = trace;
    for (Flow flow : Flow.values()) {
      out.put(flow, new Out());
    }
  }

  Vm vm() {
    return vm;
  }

  /** The filter's contexts and callbacks of the beginning. */
  abstract void begin();

  /** Bytes that are inside of a flow. */
  abstract int held(Flow flow);

  /** What arrived goes through the filter, which is neither failed nor closing. */
  protected abstract void filter(Flow flow, byte[] bytes, boolean end);

  /** What the filter has asked for since it was last called; whether that was anything. */
  protected abstract boolean settle();

  /** The filter is left out from now on: what it holds passes. */
  protected abstract void release();

  /** The callbacks of the connection's end. */
  abstract void end(Peer peer);

  /** What arrives once the filter is left out. */
  protected void bypass(Flow flow, byte[] bytes, boolean end) {
    emit(flow, bytes);
    if (end) {
      emitEnd(flow);
    }
  }

  void push(Flow flow, byte[] bytes, boolean end) {
    if (closing || failed || ended.contains(flow)) {
      return;
    }
    if (end) {
      ended.add(flow);
    }
    if (bypassed) {
      bypass(flow, bytes, end);
    } else {
      filter(flow, bytes, end);
    }
  }

  /** Whether the filter has failed, and it was not looked after that yet. */
  boolean isStopped() {
    return vm.isPoisoned() && !bypassed;
  }

  /** Does what filters asked for until there is nothing more. */
  void resume() {
    boolean more = true;
    while (more && !failed && !bypassed) {
      if (vm.isPoisoned()) {
        fail();
        return;
      }
      more = !closing && settle();
    }
  }

  private void fail() {
    if (open) {
      bypassed = true;
      trace.add("bypass");
      release();
    } else {
      failed = true;
    }
  }

  void emit(Flow flow, byte[] bytes) {
    out.get(flow).bytes.append(bytes);
  }

  void emitEnd(Flow flow) {
    out.get(flow).ended = true;
  }

  /** The connection is to end when all that came out is sent. */
  void close() {
    closing = true;
  }

  boolean isClosing() {
    return closing;
  }

  boolean hasFailed() {
    return failed;
  }

  /** Sends what came out. */
  void flush() {
    for (Flow flow : Flow.values()) {
      Out queue = out.get(flow);
      boolean ends = queue.ended && !queue.told;
      if (!queue.bytes.isEmpty() || ends) {
        trace.add(
            "out " + flow.out + " " + Trace.bytes(queue.bytes.takeAll()) + (ends ? " end" : ""));
        queue.told |= ends;
      }
    }
  }
}
