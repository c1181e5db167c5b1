// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** A filter on the bytes of a connection, whatever they are. */
final class RawChain extends Chain {
  private final RawStream stream;
  private final Map<Flow, Side> sides = new EnumMap<>(Flow.class);
  private boolean upstreamClosed;
  private boolean closeAsked;

  /** What the filter holds of a flow. */
  private static final class Side {
    private final Callback callback;
    private final ByteQueue held = new ByteQueue();
    private boolean calling;
    private boolean paused;
    private boolean ended;
    private boolean continueAsked;

    Side(Callback callback) {
      this.callback = callback;
    }
  }

  RawChain(Vm vm, boolean open, Trace trace) {
    super(vm, open, trace);
    stream = new RawStream(vm.nextContext());
    sides.put(Flow.REQUEST, new Side(Callback.DOWNSTREAM_DATA));
    sides.put(Flow.RESPONSE, new Side(Callback.UPSTREAM_DATA));
  }

  @Override
  void begin() {
    vm().add(stream);
    sides.get(Flow.REQUEST).paused =
        vm().call(Callback.NEW_CONNECTION, stream.id(), stream.id()) != 0;
  }

  @Override
  int held(Flow flow) {
    return sides.get(flow).held.size();
  }

  @Override
  protected void filter(Flow flow, byte[] bytes, boolean end) {
    Side side = sides.get(flow);
    side.held.append(bytes);
    side.ended |= end;
    if (vm().has(side.callback)) {
      if (bytes.length == 0 && !end) {
        return;
      }
      side.calling = true;
      int action =
          vm().call(side.callback, stream.id(), stream.id(), side.held.size(), end ? 1 : 0);
      side.calling = false;
      if (vm().isPoisoned()) {
        return;
      }
      side.paused = action != 0;
    }
    if (flow == Flow.RESPONSE && end && !closeAsked) {
      closeUpstream();
    }
    if (!side.paused && !closeAsked && !vm().isPoisoned()) {
      pass(flow, side);
    }
  }

  private void pass(Flow flow, Side side) {
    emit(flow, side.held.takeAll());
    if (side.ended) {
      emitEnd(flow);
    }
  }

  private void closeUpstream() {
    if (!upstreamClosed) {
      upstreamClosed = true;
      vm().call(
              Callback.UPSTREAM_CONNECTION_CLOSE, stream.id(), stream.id(), Peer.UNKNOWN.ordinal());
    }
  }

  @Override
  protected boolean settle() {
    if (closeAsked) {
      close();
      return false;
    }
    boolean any = false;
    for (Map.Entry<Flow, Side> entry : sides.entrySet()) {
      Side side = entry.getValue();
      if (side.continueAsked && side.paused) {
        side.paused = false;
        pass(entry.getKey(), side);
        any = true;
      }
      side.continueAsked = false;
    }
    return any;
  }

  @Override
  protected void release() {
    sides.forEach(this::pass);
  }

  @Override
  void end(Peer peer) {
    vm().call(Callback.DOWNSTREAM_CONNECTION_CLOSE, stream.id(), stream.id(), peer.ordinal());
    closeUpstream();
    stream.ending = true;
    vm().end(stream);
    stream.over = true;
  }

  private final class RawStream extends StreamContext {
    private boolean ending;
    private boolean over;

    RawStream(int id) {
      super(id);
    }

    @Override
    Optional<ByteQueue> buffer(BufferType type) {
      return switch (type) {
        case DOWNSTREAM_DATA -> held(sides.get(Flow.REQUEST));
        case UPSTREAM_DATA -> held(sides.get(Flow.RESPONSE));
        default -> Optional.empty();
      };
    }

    private Optional<ByteQueue> held(Side side) {
      boolean there = side.calling || side.paused && !side.held.isEmpty();
      return there && !ending ? Optional.of(side.held) : Optional.empty();
    }

    @Override
    Optional<HeaderMap> map(MapType type) {
      return Optional.empty();
    }

    @Override
    boolean isWritable(MapType type) {
      return false;
    }

    @Override
    Status carryOn(StreamType type) {
      if (over || type == StreamType.HTTP_REQUEST || type == StreamType.HTTP_RESPONSE) {
        return Status.UNIMPLEMENTED;
      }
      sides.get(type == StreamType.DOWNSTREAM ? Flow.REQUEST : Flow.RESPONSE).continueAsked = true;
      return Status.OK;
    }

    @Override
    Status close(StreamType type) {
      if (over || type == StreamType.HTTP_REQUEST || type == StreamType.HTTP_RESPONSE) {
        return Status.BAD_ARGUMENT;
      }
      closeAsked = true;
      return Status.OK;
    }

    @Override
    Status respond(LocalResponse response) {
      return Status.UNIMPLEMENTED;
    }
  }
}
