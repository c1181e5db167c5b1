// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.Golden;
import io.hauberk.wasm.Extern;
import io.hauberk.wasm.GuestCall;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestLog;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.GuestResult;
import io.hauberk.wasm.ValueType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes through the device, and what becomes of the answers. */
class DeviceClientTest {
  private static final BiConsumer<FakeChannel, Integer> WILLING =
      (channel, type) -> {
        if (type == Wire.HELLO) {
          channel.greet();
        } else {
          channel.ok();
        }
      };

  private static final Push PUSH =
      new Push(
          List.of(new byte[] {1, 2, 3}),
          List.of(
              new Credential(
                  "web",
                  "spiffe://example.org/web",
                  List.of(new byte[] {4}, new byte[] {5}),
                  new byte[] {6})),
          new byte[100_000],
          Settings.DEFAULTS,
          List.of(),
          List.of(),
          "test",
          OptionalLong.of(3));

  @Test
  void greetsAndRemembersTheAnswer() {
    FakeChannel channel = new FakeChannel(WILLING);
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThat(client.hello()).isEqualTo(new DeviceInfo(1, "0.1.0", 0xfedcba9876543210L, 3));
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void pushesInOneTransaction() {
    FakeChannel channel = new FakeChannel(WILLING);
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThat(client.push(PUSH)).isEqualTo(7);
    }
    assertThat(channel.types())
        .containsExactly(
            Wire.HELLO,
            Wire.BEGIN,
            Wire.ANCHOR,
            Wire.IDENTITY,
            Wire.TABLE,
            Wire.TABLE,
            Wire.SETTINGS,
            Wire.COMMIT);
    assertThat(channel.requests).allSatisfy(f -> assertThat(f.length).isLessThan(Wire.FRAME_MAX));
  }

  @Test
  void pushesFiltersAndUpstreamsAsTheKernelsTestsHaveThem() throws IOException {
    Push push =
        new Push(
            List.of(),
            List.of(),
            new byte[8],
            Settings.DEFAULTS,
            List.of(
                new FilterEntry(
                    "stamp",
                    "stamp-0123456789ab",
                    "shared",
                    Optional.of("stamp"),
                    "",
                    "{\"header\":\"x-stamp\"}",
                    OnFailure.OPEN,
                    OptionalLong.of(1_000_000),
                    Protocol.HTTP,
                    Isolation.CONNECTION)),
            List.of(new UpstreamEntry("authz", new InetSocketAddress("127.0.0.1", 9000))),
            "test",
            OptionalLong.empty());
    FakeChannel channel = new FakeChannel(WILLING);
    try (DeviceClient client = new DeviceClient(channel)) {
      client.push(push);
    }
    assertThat(channel.types())
        .containsExactly(
            Wire.HELLO,
            Wire.BEGIN,
            Wire.TABLE,
            Wire.SETTINGS,
            Wire.UPSTREAM,
            Wire.FILTER,
            Wire.COMMIT);
    assertThat(attributes(channel.requests.get(4))).isEqualTo(attributes(Golden.bytes("upstream")));
    assertThat(attributes(channel.requests.get(5))).isEqualTo(attributes(Golden.bytes("filter")));
  }

  /** A frame without its header, in which the sequence is. */
  private static byte[] attributes(byte[] frame) {
    return Arrays.copyOfRange(frame, Wire.FRAME_HEADER, frame.length);
  }

  @Test
  void asksForFiltersAndMetrics() throws IOException {
    byte[] status = Golden.bytes("filter-status");
    byte[] metric = Golden.bytes("metric");
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.FILTERS) {
                c.raw(answering(c, status)).raw(answering(c, status));
              } else if (type == Wire.METRICS) {
                c.raw(answering(c, metric));
              }
              WILLING.accept(c, type);
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThat(client.filters())
          .hasSize(2)
          .allSatisfy(filter -> assertThat(filter.name()).isEqualTo("stamp"));
      assertThat(client.metrics())
          .singleElement()
          .satisfies(one -> assertThat(one.samples()).isEqualTo(12));
    }
  }

  private static byte[] answering(FakeChannel channel, byte[] frame) {
    byte[] last = channel.requests.get(channel.requests.size() - 1);
    byte[] answer = frame.clone();
    System.arraycopy(last, 8, answer, 8, Integer.BYTES);
    return answer;
  }

  @Test
  void abortsWhenThePartIsRefused() {
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.IDENTITY) {
                c.refuse(Errno.EINVAL, "the key is not the certificate's", "identity web");
              } else {
                WILLING.accept(c, type);
              }
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThatThrownBy(() -> client.push(PUSH))
          .isInstanceOf(DeviceRefusedException.class)
          .hasMessage("identity web: the key is not the certificate's (EINVAL)");
    }
    assertThat(channel.types())
        .containsExactly(Wire.HELLO, Wire.BEGIN, Wire.ANCHOR, Wire.IDENTITY, Wire.ABORT);
  }

  @Test
  void gathersTheStatus() {
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type != Wire.STATUS) {
                WILLING.accept(c, type);
                return;
              }
              c.answer(
                  c.begin(Wire.STATUS_REPLY)
                      .u64(Wire.A_GENERATION, 3)
                      .string(Wire.A_LABEL, "me")
                      .u64(Wire.A_TIME_NS, 1_500_000_000_000_000_001L)
                      .u32(Wire.A_HANDSHAKE_TIMEOUT_MS, 10_000)
                      .u32(Wire.A_HANDSHAKE_MAX, 4096)
                      .u32(Wire.A_HANDSHAKE_RATE, 1000)
                      .u32(Wire.A_SESSION_MAX, 4096)
                      .u64(Wire.A_OPENED, -1));
              c.answer(
                  c.begin(Wire.RULE_STATUS).string(Wire.A_RULE, "web-in").u64(Wire.A_MATCHED, 9));
              c.answer(
                  c.begin(Wire.IDENTITY_STATUS)
                      .string(Wire.A_NAME, "web")
                      .bytes(Wire.A_SERIAL, new byte[] {0x0a, (byte) 0xff})
                      .u64(Wire.A_NOT_AFTER, 1_800_000_000L));
              c.ok();
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      Status status = client.status();
      assertThat(status.generation()).isEqualTo(3);
      assertThat(status.label()).isEqualTo("me");
      assertThat(status.time()).isEqualTo(Instant.ofEpochSecond(1_500_000_000L, 1));
      assertThat(status.settings()).isEqualTo(Settings.DEFAULTS);
      assertThat(status.rules())
          .containsExactly(new RuleStatus("web-in", 9, 0, 0, 0, 0, 0, 0, 0, 0, 0));
      assertThat(status.identities()).hasSize(1);
      assertThat(status.identities().get(0).serial()).isEqualTo("0aff");
      assertThat(status.identities().get(0).notAfter())
          .isEqualTo(Instant.ofEpochSecond(1800000000L));
    }
  }

  private static final GuestModule MODULE =
      new GuestModule("add", new byte[100_000], true, false, true);

  @Test
  void loadsAModuleInParts() {
    FakeChannel channel = new FakeChannel(WILLING);
    try (DeviceClient client = new DeviceClient(channel)) {
      client.load(MODULE);
    }
    assertThat(channel.types())
        .containsExactly(
            Wire.HELLO, Wire.WASM_BEGIN, Wire.WASM_CHUNK, Wire.WASM_CHUNK, Wire.WASM_COMMIT);
  }

  @Test
  void tellsWhereAModuleIsAtFault() {
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.WASM_COMMIT) {
                c.answer(
                    c.begin(Wire.REPLY)
                        .u32(Wire.A_ERRNO, 8)
                        .string(Wire.A_TEXT, "type mismatch")
                        .string(Wire.A_ITEM, "module add")
                        .u32(Wire.A_OFFSET, 38)
                        .u32(Wire.A_FUNCTION, 2));
              } else {
                WILLING.accept(c, type);
              }
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThatThrownBy(() -> client.load(MODULE))
          .isInstanceOf(DeviceRefusedException.class)
          .hasMessage("module add: type mismatch (function 2, byte 38) (ENOEXEC)");
    }
    assertThat(channel.types()).endsWith(Wire.WASM_COMMIT, Wire.WASM_ABORT);
  }

  @Test
  void aModuleTooLargeIsNotEvenBegun() {
    FakeChannel channel = new FakeChannel(WILLING);
    GuestModule large =
        new GuestModule("add", new byte[Wire.WASM_UPLOAD_MAX + 1], false, false, false);
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThatThrownBy(() -> client.load(large)).hasMessageContaining("16777217 bytes");
    }
    assertThat(channel.types()).containsExactly(Wire.HELLO);
  }

  @Test
  void gathersAGuest() {
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type != Wire.WASM_INFO) {
                WILLING.accept(c, type);
                return;
              }
              c.answer(c.begin(Wire.WASM_GUEST).string(Wire.A_NAME, "add").u8(Wire.A_COMPILED, 1));
              c.answer(
                  c.begin(Wire.WASM_EXPORT)
                      .string(Wire.A_FIELD, "add")
                      .u8(Wire.A_KIND, 0)
                      .bytes(Wire.A_PARAMETERS, new byte[] {0x7f, 0x7f})
                      .bytes(Wire.A_RESULTS, new byte[] {0x7e}));
              c.ok();
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      GuestDetails details = client.guest("add");
      assertThat(details.guest().name()).isEqualTo("add");
      assertThat(details.guest().compiled()).isTrue();
      assertThat(details.guest().memory()).isEmpty();
      assertThat(details.imports()).isEmpty();
      assertThat(details.function("add"))
          .contains(
              new Extern.Function(List.of(ValueType.I32, ValueType.I32), List.of(ValueType.I64)));
    }
  }

  @Test
  void readsWhatGuestsHaveSaid() throws IOException {
    byte[] lines = Golden.bytes("wasm-lines");
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.WASM_LOG) {
                lines[8] = 2; // the sequence of the second request
                c.raw(lines);
                c.answer(
                    c.begin(Wire.WASM_LINES)
                        .u64(Wire.A_POSITION, 1020)
                        .bytes(Wire.A_DATA, new byte[0]));
                c.ok();
              } else {
                WILLING.accept(c, type);
              }
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      GuestLog log = client.guestLog(0);
      assertThat(log).isEqualTo(new GuestLog(1020, List.of("add: hello")));
      assertThat(log.of("add")).containsExactly("hello");
      assertThat(log.of("ad")).isEmpty();
    }
  }

  @Test
  void aCallHasAResultAndAnOutcome() {
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.WASM_RUN) {
                c.answer(
                    c.begin(Wire.WASM_RESULT)
                        .string(Wire.A_TRAP, "unreachable")
                        .u64(Wire.A_INSTRUCTIONS, 3));
                c.ok();
              } else {
                WILLING.accept(c, type);
              }
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      GuestResult result = client.run(new GuestCall("add", "add", List.of(), OptionalLong.of(5)));
      assertThat(result.trap()).isEqualTo("unreachable");
      assertThat(result.instructions()).isEqualTo(3);
      client.unload("add");
    }
  }

  @Test
  void listsConnectionsAndSkipsEventsBetween() throws IOException {
    byte[] opened = Golden.bytes("event-opened");
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type != Wire.CONNECTIONS) {
                WILLING.accept(c, type);
                return;
              }
              c.raw(opened);
              byte[] connection = opened.clone();
              ByteBuffer.wrap(connection)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putShort(4, (short) Wire.CONNECTION)
                  .putInt(8, 2);
              c.raw(connection);
              c.ok();
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThat(client.connections()).singleElement().satisfies(FrameTest::isTheGoldenConnection);
    }
  }

  @Test
  void followsUntilItIsClosed() throws IOException {
    byte[] opened = Golden.bytes("event-opened");
    byte[] lost = Golden.bytes("event-lost");
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.FOLLOW) {
                c.raw(opened).ok().raw(lost);
              } else {
                WILLING.accept(c, type);
              }
            });
    List<Event> events = new ArrayList<>();
    try (DeviceClient client = new DeviceClient(channel)) {
      client.follow(
          10,
          event -> {
            events.add(event);
            if (events.size() == 2) {
              channel.close();
            }
          });
    }
    assertThat(events).hasSize(2);
    assertThat(events.get(0)).isInstanceOf(Event.Opened.class);
    assertThat(events.get(1)).isEqualTo(new Event.Lost(Instant.EPOCH, 12));
  }

  @Test
  void tellsThatTheModuleWentAway() {
    FakeChannel channel = new FakeChannel(WILLING);
    try (DeviceClient client = new DeviceClient(channel)) {
      channel.fail(new IOException("No such device"));
      assertThatThrownBy(client::status).isInstanceOf(DeviceUnavailableException.class);
    }
    FakeChannel ended = new FakeChannel(WILLING);
    try (DeviceClient client = new DeviceClient(ended)) {
      assertThatThrownBy(() -> client.follow(0, event -> {}))
          .isInstanceOf(DeviceUnavailableException.class)
          .hasMessage("the device has gone: was the module unloaded?");
    }
  }

  @Test
  void refusesAnAnswerToAnotherRequest() {
    FakeChannel channel =
        new FakeChannel(
            (c, type) -> {
              if (type == Wire.HELLO) {
                c.greet();
              } else {
                c.answer(new FrameWriter().begin(Wire.REPLY, 99).u32(Wire.A_ERRNO, 0));
              }
            });
    try (DeviceClient client = new DeviceClient(channel)) {
      assertThatThrownBy(client::connections)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("type 0x8000 and sequence 99");
    }
  }

  @Test
  void closesTheChannelWhenTheGreetingIsRefused() {
    FakeChannel channel =
        new FakeChannel((c, type) -> c.refuse(93, "this module speaks version 2", ""));
    assertThatThrownBy(() -> new DeviceClient(channel))
        .hasMessage("this module speaks version 2 (EPROTONOSUPPORT)");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void tellsThatThereIsNoDevice(@TempDir Path folder) {
    Path path = folder.resolve("hauberk");
    assertThatThrownBy(() -> DeviceClient.open(path))
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessage(path + " is not there: is the hauberk module loaded? (modprobe hauberk)");
  }
}
