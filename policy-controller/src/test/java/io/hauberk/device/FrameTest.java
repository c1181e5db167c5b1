// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.Golden;
import io.hauberk.rules.Direction;
import io.hauberk.wasm.Extern;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestExport;
import io.hauberk.wasm.GuestImport;
import io.hauberk.wasm.GuestResult;
import io.hauberk.wasm.Value;
import io.hauberk.wasm.ValueType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames are written and read byte for byte as the kernel's tests have them. */
class FrameTest {
  static Stream<Arguments> requests() {
    return Stream.of(
        request(
            "hello",
            Wire.HELLO,
            1,
            w ->
                w.u32(Wire.A_VERSION_MIN, 1)
                    .u32(Wire.A_VERSION_MAX, 1)
                    .string(Wire.A_LABEL, "hauberk apply")),
        request("begin", Wire.BEGIN, 2, w -> {}),
        request("anchor", Wire.ANCHOR, 3, w -> w.bytes(Wire.A_CERT, dummy(0x30, 21))),
        request(
            "identity",
            Wire.IDENTITY,
            4,
            w ->
                w.string(Wire.A_NAME, "web")
                    .string(Wire.A_SPIFFE_ID, "spiffe://example.org/web")
                    .bytes(Wire.A_CERT, dummy(0x30, 17))
                    .bytes(Wire.A_CERT, dummy(0x60, 8))
                    .bytes(Wire.A_KEY, dummy(0x90, 10))),
        request(
            "settings",
            Wire.SETTINGS,
            6,
            w ->
                w.u32(Wire.A_HANDSHAKE_TIMEOUT_MS, 10_000)
                    .u32(Wire.A_HANDSHAKE_MAX, 4096)
                    .u32(Wire.A_HANDSHAKE_RATE, 1000)
                    .u32(Wire.A_SESSION_MAX, 4096)
                    .u8(Wire.A_RECORD_LAYER, RecordLayer.OWN.code())),
        request(
            "commit",
            Wire.COMMIT,
            7,
            w ->
                w.u64(Wire.A_EXPECT_GENERATION, 0x0102030405060708L)
                    .string(Wire.A_LABEL, "rules.yaml ü€")),
        request("abort", Wire.ABORT, 8, w -> {}),
        request("status", Wire.STATUS, 9, w -> {}),
        request("connections", Wire.CONNECTIONS, 10, w -> {}),
        request(
            "wasm-begin",
            Wire.WASM_BEGIN,
            12,
            w ->
                w.string(Wire.A_NAME, "add")
                    .u32(Wire.A_SIZE, 41)
                    .u32(Wire.A_FLAGS, Wire.WASM_FLAG_OWNED)),
        request(
            "wasm-chunk",
            Wire.WASM_CHUNK,
            13,
            w ->
                w.u32(Wire.A_OFFSET, 0)
                    .bytes(Wire.A_DATA, new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0})),
        request("wasm-commit", Wire.WASM_COMMIT, 14, w -> {}),
        request("wasm-abort", Wire.WASM_ABORT, 15, w -> {}),
        request("wasm-list", Wire.WASM_LIST, 16, w -> {}),
        request("wasm-info", Wire.WASM_INFO, 17, w -> w.string(Wire.A_NAME, "add")),
        request(
            "wasm-run",
            Wire.WASM_RUN,
            18,
            w ->
                w.string(Wire.A_NAME, "add")
                    .string(Wire.A_EXPORT, "add")
                    .bytes(
                        Wire.A_VALUES,
                        GuestReader.bytes(
                            List.of(
                                Value.parse(ValueType.I32, "-2"),
                                Value.parse(ValueType.F64, "1.5"))))
                    .u64(Wire.A_BUDGET, 1_000_000)),
        request("wasm-unload", Wire.WASM_UNLOAD, 19, w -> w.string(Wire.A_NAME, "add")),
        request("filters", Wire.FILTERS, 23, w -> {}),
        request("metrics", Wire.METRICS, 24, w -> {}),
        request("wasm-log", Wire.WASM_LOG, 20, w -> w.u64(Wire.A_POSITION, 1000)),
        request("follow", Wire.FOLLOW, -1, w -> w.u32(Wire.A_REPLAY, 100)));
  }

  private static Arguments request(
      String name, int type, int sequence, Consumer<FrameWriter> attributes) {
    return Arguments.of(name, type, sequence, attributes);
  }

  private static byte[] dummy(int first, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void writesWhatTheKernelReads(
      String name, int type, int sequence, Consumer<FrameWriter> attributes) throws IOException {
    FrameWriter writer = new FrameWriter().begin(type, sequence);
    attributes.accept(writer);
    ByteBuffer frame = writer.end();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    assertThat(bytes).isEqualTo(Golden.bytes(name));
  }

  @Test
  void leavesNothingBehindOnceWiped() {
    FrameWriter writer = new FrameWriter().begin(Wire.IDENTITY, 1).bytes(Wire.A_KEY, dummy(1, 99));
    ByteBuffer frame = writer.end();
    writer.wipe();
    frame.clear();
    while (frame.hasRemaining()) {
      assertThat(frame.get()).isZero();
    }
  }

  @Test
  void refusesAnAttributeThatDoesNotFit() {
    FrameWriter writer = new FrameWriter().begin(Wire.TABLE, 1);
    assertThatThrownBy(() -> writer.bytes(Wire.A_DATA, new byte[Wire.ATTR_MAX]))
        .isInstanceOf(DeviceException.class)
        .hasMessage("attribute 17 of 65535 bytes does not fit into a frame");
  }

  @Test
  void readsTheGreeting() throws IOException {
    assertThat(FrameReader.info(golden("hello-reply")))
        .isEqualTo(new DeviceInfo(1, "0.1.0", 0xfedcba9876543210L, 0));
  }

  @Test
  void readsReplies() throws IOException {
    Frame ok = golden("reply-ok");
    assertThat(ok.type()).isEqualTo(Wire.REPLY);
    assertThat(ok.sequence()).isEqualTo(7);
    assertThat(ok.number(Wire.A_GENERATION)).isEqualTo(7);
    Frame error = golden("reply-error");
    assertThat(error.integer(Wire.A_ERRNO)).isEqualTo(61);
    assertThat(error.string(Wire.A_TEXT)).isEqualTo("IDENTITY requests must have this attribute");
    assertThat(error.string(Wire.A_ITEM)).isEqualTo("attribute NAME");
  }

  @Test
  void readsTheStatus() throws IOException {
    RuleStatus rule = FrameReader.ruleStatus(golden("rule-status"));
    assertThat(rule)
        .isEqualTo(new RuleStatus("web-in", 21, 10, 3, 0, 9, 78, 5_000_000_000L, 6, 5, 2));
    assertThat(FrameReader.status(golden("status-reply"), List.of(rule), List.of()))
        .isEqualTo(
            new Status(
                7,
                "rules.yaml",
                Instant.parse("2026-01-01T00:00:00.123456789Z"),
                0xfedcba9876543210L,
                new Settings(10_000, 4096, 1000, 8192, RecordLayer.OWN),
                3,
                1,
                17,
                2,
                5_000_000_000L,
                4,
                5,
                6,
                0,
                1,
                List.of(rule),
                List.of()));
  }

  @Test
  void refusesARecordLayerThatIsNone() throws IOException {
    byte[] bytes = Golden.bytes("status-reply");
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\005\000\073\000");
    bytes[at + 4] = 2;
    Frame frame = Frame.parse(ByteBuffer.wrap(bytes));
    assertThatThrownBy(() -> FrameReader.status(frame, List.of(), List.of()))
        .isInstanceOf(DeviceException.class)
        .hasMessage("the module sent a malformed frame: its record layer is 2");
  }

  @Test
  void readsEvents() throws IOException {
    Event opened = FrameReader.event(golden("event-opened")).orElseThrow();
    isTheGoldenConnection(((Event.Opened) opened).connection());
    Event.Closed closed = (Event.Closed) FrameReader.event(golden("event-closed")).orElseThrow();
    isTheGoldenConnection(closed.connection());
    assertThat(closed.connection().rxBytes()).isEqualTo(78);
    assertThat(closed.connection().txBytes()).isEqualTo(5_000_000_000L);
    assertThat(closed.reason()).isEqualTo("clean");
    assertThat(FrameReader.event(golden("event-lost"))).contains(new Event.Lost(Instant.EPOCH, 12));
  }

  @Test
  void readsGuests() throws IOException {
    Guest guest = GuestReader.guest(golden("wasm-guest"));
    assertThat(guest)
        .isEqualTo(
            new Guest(
                "add",
                Instant.parse("2026-01-01T00:00:00.123456789Z"),
                41,
                HexFormat.of().formatHex(dummy(0xa0, 32)),
                true,
                false,
                true,
                100,
                12,
                4000,
                3,
                5_000_000_000L,
                7,
                1,
                2,
                Optional.of(new Extern.Memory(1, OptionalLong.of(16)))));
    assertThat(GuestReader.guestImport(golden("wasm-import")))
        .isEqualTo(
            new GuestImport(
                "env",
                "log",
                new Extern.Function(
                    List.of(
                        ValueType.I32,
                        ValueType.I64,
                        ValueType.F32,
                        ValueType.F64,
                        ValueType.FUNCREF,
                        ValueType.EXTERNREF),
                    List.of())));
    assertThat(GuestReader.guestExport(golden("wasm-export")))
        .isEqualTo(new GuestExport("memory", new Extern.Memory(1, OptionalLong.of(65_536))));
  }

  @Test
  void readsFilters() throws IOException {
    assertThat(FilterReader.status(golden("filter-status")))
        .isEqualTo(
            new FilterStatus(
                "stamp",
                "stamp-0123456789ab",
                100,
                2,
                4000,
                20,
                1,
                3,
                false,
                true,
                5_000_000_000L,
                4));
    assertThat(FilterReader.metric(golden("metric")))
        .isEqualTo(new Metric("stamp", "request_bytes", Metric.Kind.HISTOGRAM, 5_000_000_000L, 12));
    assertThat(FrameReader.event(golden("event-filter-failed")))
        .contains(
            new Event.FilterFailed(
                Instant.parse("2026-01-01T00:00:00.123456789Z"),
                "stamp",
                "web-in",
                42,
                "unreachable",
                "connection-failed"));
  }

  @Test
  void refusesAMetricOfAKindThatIsNone() throws IOException {
    byte[] bytes = Golden.bytes("metric");
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\005\000\105\000");
    bytes[at + 4] = 3;
    assertThatThrownBy(() -> FilterReader.metric(Frame.parse(ByteBuffer.wrap(bytes))))
        .hasMessage("the module sent a malformed frame: its kind is 3");
  }

  @Test
  void readsResults() throws IOException {
    assertThat(GuestReader.result(golden("wasm-result")))
        .isEqualTo(
            new GuestResult(List.of(new Value(ValueType.I32, 5)), "", 4, Duration.ofNanos(1234)));
    assertThat(GuestReader.result(golden("wasm-result-trapped")))
        .isEqualTo(new GuestResult(List.of(), "integer divide by zero", 4, Duration.ofNanos(1234)));
  }

  @Test
  void readsEventsOfGuests() throws IOException {
    Instant time = Instant.parse("2026-01-01T00:00:00.123456789Z");
    assertThat(FrameReader.event(golden("event-wasm-loaded")))
        .contains(new Event.GuestLoaded(time, "add", 41, true));
    assertThat(FrameReader.event(golden("event-wasm-quarantined")))
        .contains(new Event.GuestQuarantined(time, "add", 16));
  }

  static void isTheGoldenConnection(Connection connection) {
    assertThat(connection.id()).isEqualTo(42);
    assertThat(connection.time()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123456789Z"));
    assertThat(connection.generation()).isEqualTo(3);
    assertThat(connection.rule()).isEqualTo("web-in");
    assertThat(connection.direction()).isEqualTo(Direction.INBOUND);
    assertThat(connection.local()).isEqualTo(address("127.0.0.1", 8000));
    assertThat(connection.remote()).isEqualTo(address("fd00::2", 40_000));
    assertThat(connection.pid()).isEqualTo(1234);
    assertThat(connection.uid()).isEqualTo(1000);
    assertThat(connection.comm()).isEqualTo("python3");
    assertThat(connection.identity()).isEqualTo("web");
    assertThat(connection.peerId()).isEqualTo("spiffe://example.org/client/curl");
    assertThat(connection.peerName()).isEmpty();
    assertThat(connection.peerSerial()).isEqualTo("717273747576777879");
    assertThat(connection.suiteName()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    assertThat(connection.ktls()).isTrue();
    assertThat(connection.resumed()).isTrue();
    assertThat(connection.handshake()).isEqualTo(Duration.ofNanos(2_750_000));
  }

  private static InetSocketAddress address(String address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void ignoresEventsOfANewerModule() throws IOException {
    byte[] bytes = Golden.bytes("event-lost");
    bytes[4] = 0x7f;
    assertThat(FrameReader.event(Frame.parse(ByteBuffer.wrap(bytes)))).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 20, 100})
  void refusesAFrameThatIsCutOff(int length) throws IOException {
    ByteBuffer cut = ByteBuffer.wrap(Golden.bytes("event-opened")).limit(length);
    assertThatThrownBy(() -> Frame.parse(cut))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("the module sent a malformed frame: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 13, 0xffff})
  void refusesAnAttributeOfAWrongLength(int length) throws IOException {
    ByteBuffer frame = ByteBuffer.wrap(Golden.bytes("event-lost")).order(ByteOrder.LITTLE_ENDIAN);
    frame.putShort(Wire.FRAME_HEADER, (short) length);
    assertThatThrownBy(() -> Frame.parse(frame))
        .hasMessage("the module sent a malformed frame: attribute 43 is cut off");
  }

  private static Frame golden(String name) throws IOException {
    return Frame.parse(ByteBuffer.wrap(Golden.bytes(name)));
  }
}
