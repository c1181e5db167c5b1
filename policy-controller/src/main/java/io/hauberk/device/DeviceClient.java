// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestCall;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestExport;
import io.hauberk.wasm.GuestImport;
import io.hauberk.wasm.GuestLog;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.GuestResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Speaks the frames of {@code /dev/hauberk}: one write is one request, one read is one answer. */
public final class DeviceClient implements Device {
  /** Where the module puts its device. */
  public static final Path DEFAULT_PATH = Path.of("/dev/hauberk");

  /** Small enough for one attribute, and a multiple of what the table aligns to. */
  private static final int PART = 61_440;

  private static final String LABEL = "hauberk controller";

  private final ByteChannel channel;
  private final FrameWriter writer = new FrameWriter();
  private final ByteBuffer received = ByteBuffer.allocateDirect(Wire.FRAME_MAX);
  private final DeviceInfo info;
  private int sequence;

  /**
   * Greets the device at the other end of a channel.
   *
   * @throws DeviceException if it does not speak this protocol; the channel is closed then
   */
  public DeviceClient(ByteChannel channel) {
    this.channel = channel;
    try {
      info = greet();
    } catch (DeviceException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the device.
   *
   * @throws DeviceUnavailableException if there is none
   * @throws DevicePermissionException if this process may not open it
   */
  public static DeviceClient open(Path path) {
    return new DeviceClient(openChannel(path));
  }

  private static FileChannel openChannel(Path path) {
    try {
      return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      throw new DevicePermissionException(
          path + " may only be opened with the capability CAP_NET_ADMIN; run this as root", e);
    } catch (IOException e) {
      throw openFailure(path, e);
    }
  }

  private static DeviceException openFailure(Path path, IOException cause) {
    // EPERM comes as a plain FileSystemException.
    if (String.valueOf(cause.getMessage()).contains("Operation not permitted")) {
      return new DevicePermissionException(
          path + " may only be opened with the capability CAP_NET_ADMIN; run this as root", cause);
    }
    String hint = ": is the hauberk module loaded? (modprobe hauberk)";
    return new DeviceUnavailableException(
        path + (Files.exists(path) ? " does not answer" : " is not there") + hint, cause);
  }

  @Override
  public DeviceInfo hello() {
    return info;
  }

  @Override
  public long push(Push push) {
    call(begin(Wire.BEGIN));
    try {
      sendParts(push);
      begin(Wire.COMMIT);
      push.expectGeneration().ifPresent(g -> writer.u64(Wire.A_EXPECT_GENERATION, g));
      writer.string(Wire.A_LABEL, push.label());
      return call(writer).number(Wire.A_GENERATION);
    } catch (DeviceException e) {
      abort(Wire.ABORT, e);
      throw e;
    } finally {
      writer.wipe();
    }
  }

  private void sendParts(Push push) {
    for (byte[] anchor : push.anchors()) {
      call(begin(Wire.ANCHOR).bytes(Wire.A_CERT, anchor));
    }
    for (Credential credential : push.credentials()) {
      call(identity(credential));
    }
    sendBytes(Wire.TABLE, push.table());
    Settings settings = push.settings();
    call(
        begin(Wire.SETTINGS)
            .u32(Wire.A_HANDSHAKE_TIMEOUT_MS, settings.handshakeTimeoutMs())
            .u32(Wire.A_HANDSHAKE_MAX, settings.handshakeMax())
            .u32(Wire.A_HANDSHAKE_RATE, settings.handshakeRate())
            .u32(Wire.A_SESSION_MAX, settings.sessionMax())
            .u8(Wire.A_RECORD_LAYER, settings.recordLayer().code()));
    push.upstreams().forEach(upstream -> call(upstream(upstream)));
    push.filters().forEach(filter -> call(filter(filter)));
  }

  private FrameWriter upstream(UpstreamEntry upstream) {
    return begin(Wire.UPSTREAM)
        .string(Wire.A_NAME, upstream.name())
        .bytes(Wire.A_ADDRESS, Frame.mapped(upstream.address().getAddress()))
        .u16(Wire.A_PORT, upstream.address().getPort());
  }

  private FrameWriter filter(FilterEntry filter) {
    begin(Wire.FILTER)
        .string(Wire.A_NAME, filter.name())
        .string(Wire.A_MODULE, filter.guest())
        .string(Wire.A_VM_ID, filter.vmId());
    filter.rootId().ifPresent(root -> writer.string(Wire.A_ROOT_ID, root));
    writer
        .string(Wire.A_VM_CONFIG, filter.vmConfig())
        .string(Wire.A_CONFIG, filter.config())
        .u8(Wire.A_ON_FAILURE, filter.onFailure().code());
    filter.budget().ifPresent(budget -> writer.u64(Wire.A_BUDGET, budget));
    return writer
        .u8(Wire.A_MODE, filter.protocol().code())
        .u8(Wire.A_ISOLATION, filter.isolation().code());
  }

  /** In parts, in order. */
  private void sendBytes(int type, byte[] bytes) {
    for (int offset = 0; offset < bytes.length; offset += PART) {
      int length = Math.min(PART, bytes.length - offset);
      call(begin(type).u32(Wire.A_OFFSET, offset).bytes(Wire.A_DATA, bytes, offset, length));
    }
  }

  private FrameWriter identity(Credential credential) {
    begin(Wire.IDENTITY)
        .string(Wire.A_NAME, credential.name())
        .string(Wire.A_SPIFFE_ID, credential.spiffeId());
    credential.chain().forEach(certificate -> writer.bytes(Wire.A_CERT, certificate));
    return writer.bytes(Wire.A_KEY, credential.key());
  }

  private void abort(int type, DeviceException reason) {
    try {
      call(begin(type));
    } catch (DeviceException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public Status status() {
    List<RuleStatus> rules = new ArrayList<>();
    List<IdentityStatus> identities = new ArrayList<>();
    send(begin(Wire.STATUS));
    Frame head = null;
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      switch (frame.type()) {
        case Wire.STATUS_REPLY -> head = frame;
        case Wire.RULE_STATUS -> rules.add(FrameReader.ruleStatus(frame));
        case Wire.IDENTITY_STATUS -> identities.add(FrameReader.identityStatus(frame));
        default -> throw unexpected(frame);
      }
    }
    if (head == null) {
      throw new DeviceException("the module answered the request for its status without one");
    }
    return FrameReader.status(head, rules, identities);
  }

  @Override
  public List<Connection> connections() {
    List<Connection> connections = new ArrayList<>();
    send(begin(Wire.CONNECTIONS));
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      if (frame.type() != Wire.CONNECTION) {
        throw unexpected(frame);
      }
      connections.add(FrameReader.connection(frame));
    }
    return connections;
  }

  @Override
  public void load(GuestModule module) {
    if (module.bytes().length > Wire.WASM_UPLOAD_MAX) {
      throw new DeviceException(
          "a module of "
              + module.bytes().length
              + " bytes is too large; at most "
              + Wire.WASM_UPLOAD_MAX
              + " are taken");
    }
    call(
        begin(Wire.WASM_BEGIN)
            .string(Wire.A_NAME, module.name())
            .u32(Wire.A_SIZE, module.bytes().length)
            .u32(Wire.A_FLAGS, flags(module)));
    try {
      sendBytes(Wire.WASM_CHUNK, module.bytes());
      call(begin(Wire.WASM_COMMIT));
    } catch (DeviceException e) {
      abort(Wire.WASM_ABORT, e);
      throw e;
    }
  }

  private static int flags(GuestModule module) {
    return (module.owned() ? Wire.WASM_FLAG_OWNED : 0)
        | (module.noFloats() ? Wire.WASM_FLAG_NO_FLOATS : 0)
        | (module.interpret() ? Wire.WASM_FLAG_INTERPRET : 0);
  }

  @Override
  public List<Guest> guests() {
    List<Guest> guests = new ArrayList<>();
    send(begin(Wire.WASM_LIST));
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      if (frame.type() != Wire.WASM_GUEST) {
        throw unexpected(frame);
      }
      guests.add(GuestReader.guest(frame));
    }
    return guests;
  }

  @Override
  public GuestDetails guest(String name) {
    List<GuestImport> imports = new ArrayList<>();
    List<GuestExport> exports = new ArrayList<>();
    send(begin(Wire.WASM_INFO).string(Wire.A_NAME, name));
    Frame head = null;
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      switch (frame.type()) {
        case Wire.WASM_GUEST -> head = frame;
        case Wire.WASM_IMPORT -> imports.add(GuestReader.guestImport(frame));
        case Wire.WASM_EXPORT -> exports.add(GuestReader.guestExport(frame));
        default -> throw unexpected(frame);
      }
    }
    if (head == null) {
      throw new DeviceException("the module answered the request for a guest without one");
    }
    return new GuestDetails(GuestReader.guest(head), imports, exports);
  }

  @Override
  public GuestResult run(GuestCall call) {
    begin(Wire.WASM_RUN)
        .string(Wire.A_NAME, call.guest())
        .string(Wire.A_EXPORT, call.export())
        .bytes(Wire.A_VALUES, GuestReader.bytes(call.arguments()));
    call.budget().ifPresent(budget -> writer.u64(Wire.A_BUDGET, budget));
    send(writer);
    Frame result = answer();
    if (result.type() != Wire.WASM_RESULT) {
      throw unexpected(result);
    }
    Frame reply = answer();
    if (reply.type() != Wire.REPLY) {
      throw unexpected(reply);
    }
    return GuestReader.result(result);
  }

  @Override
  public GuestLog guestLog(long position) {
    StringBuilder text = new StringBuilder();
    long next = position;
    send(begin(Wire.WASM_LOG).u64(Wire.A_POSITION, position));
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      if (frame.type() != Wire.WASM_LINES) {
        throw unexpected(frame);
      }
      next = frame.number(Wire.A_POSITION);
      text.append(frame.string(Wire.A_DATA));
    }
    return new GuestLog(next, text.toString().lines().toList());
  }

  @Override
  public void unload(String name) {
    call(begin(Wire.WASM_UNLOAD).string(Wire.A_NAME, name));
  }

  @Override
  public List<FilterStatus> filters() {
    List<FilterStatus> filters = new ArrayList<>();
    send(begin(Wire.FILTERS));
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      if (frame.type() != Wire.FILTER_STATUS) {
        throw unexpected(frame);
      }
      filters.add(FilterReader.status(frame));
    }
    return filters;
  }

  @Override
  public List<Metric> metrics() {
    List<Metric> metrics = new ArrayList<>();
    send(begin(Wire.METRICS));
    for (Frame frame = answer(); frame.type() != Wire.REPLY; frame = answer()) {
      if (frame.type() != Wire.METRIC) {
        throw unexpected(frame);
      }
      metrics.add(FilterReader.metric(frame));
    }
    return metrics;
  }

  @Override
  public void follow(int replay, Consumer<Event> consumer) {
    try {
      send(begin(Wire.FOLLOW).u32(Wire.A_REPLAY, replay));
      while (true) {
        Frame frame = receive();
        if (frame.isEvent()) {
          FrameReader.event(frame).ifPresent(consumer);
        } else {
          checked(frame);
        }
      }
    } catch (DeviceException e) {
      if (channel.isOpen()) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new DeviceException("cannot close the device: " + e.getMessage(), e);
    }
  }

  private DeviceInfo greet() {
    send(
        begin(Wire.HELLO)
            .u32(Wire.A_VERSION_MIN, Wire.PROTOCOL_VERSION)
            .u32(Wire.A_VERSION_MAX, Wire.PROTOCOL_VERSION)
            .string(Wire.A_LABEL, LABEL));
    Frame frame = answer();
    if (frame.type() != Wire.HELLO_REPLY) {
      throw unexpected(frame);
    }
    return FrameReader.info(frame);
  }

  private FrameWriter begin(int type) {
    return writer.begin(type, ++sequence);
  }

  /** Sends a request whose answer is one REPLY. */
  private Frame call(FrameWriter request) {
    send(request);
    Frame frame = answer();
    if (frame.type() != Wire.REPLY) {
      throw unexpected(frame);
    }
    return frame;
  }

  private void send(FrameWriter request) {
    ByteBuffer frame = request.end();
    int length = frame.remaining();
    try {
      if (channel.write(frame) != length) {
        throw new DeviceException("the module took only a part of a frame");
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * The next frame that answers the last request.
   *
   * @throws DeviceRefusedException if it is a refusal
   */
  private Frame answer() {
    Frame frame = receive();
    while (frame.isEvent()) {
      frame = receive();
    }
    return checked(frame);
  }

  private Frame checked(Frame frame) {
    if (frame.sequence() != sequence) {
      throw unexpected(frame);
    }
    if (frame.type() == Wire.REPLY && frame.number(Wire.A_ERRNO) != 0) {
      throw new DeviceRefusedException(
          frame.integer(Wire.A_ERRNO),
          frame.string(Wire.A_TEXT) + place(frame),
          frame.string(Wire.A_ITEM));
    }
    return frame;
  }

  /** Where in a module. */
  private static String place(Frame reply) {
    String function =
        reply.has(Wire.A_FUNCTION) ? "function " + reply.number(Wire.A_FUNCTION) + ", " : "";
    return reply.has(Wire.A_OFFSET)
        ? " (" + function + "byte " + reply.number(Wire.A_OFFSET) + ")"
        : "";
  }

  private Frame receive() {
    received.clear();
    try {
      if (channel.read(received) <= 0) {
        throw new DeviceUnavailableException("the device has gone: was the module unloaded?");
      }
    } catch (IOException e) {
      throw failure(e);
    }
    return Frame.parse(received.flip());
  }

  private DeviceException failure(IOException cause) {
    if (cause instanceof ClosedChannelException) {
      return new DeviceException("the device was closed", cause);
    }
    String message = String.valueOf(cause.getMessage());
    boolean gone = message.contains("No such device") || message.contains("Input/output error");
    return gone
        ? new DeviceUnavailableException("the device has gone: was the module unloaded?", cause)
        : new DeviceException("the device failed: " + message, cause);
  }

  private static DeviceException unexpected(Frame frame) {
    return new DeviceException(
        String.format(
            "the module answered with a frame of type 0x%04x and sequence %d, which was not"
                + " expected",
            frame.type(), Integer.toUnsignedLong(frame.sequence())));
  }
}
