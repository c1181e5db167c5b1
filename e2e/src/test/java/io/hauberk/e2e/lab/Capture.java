// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What tcpdump sees of some ports on the guest's loopback. */
public final class Capture {
  private static final String FILE = "/tmp/capture.pcap";
  private static final int FILE_HEADER = 24;
  private static final int PACKET_HEADER = 16;
  private static final int ETHERNET_HEADER = 14;
  private static final int IPV6_HEADER = 40;
  private static final int ETHERTYPE_IPV6 = 0x86dd;
  private static final int RECORD_HEADER = 5;
  private static final int RECORD_MAX = (1 << 14) + 256;

  private final Vm vm;
  private final Background tcpdump;

  private Capture(Vm vm, Background tcpdump) {
    this.vm = vm;
    this.tcpdump = tcpdump;
  }

  /** Begins; {@code filter} is tcpdump's expression. */
  public static Capture begin(Vm vm, String filter) {
    vm.run("rm -f " + FILE).ok();
    Background tcpdump =
        vm.start(
            "tcpdump",
            "tcpdump -i lo -s 0 -B 8192 --immediate-mode -U -w %s '%s'".formatted(FILE, filter));
    tcpdump.awaitLine("listening on lo");
    return new Capture(vm, tcpdump);
  }

  /** Ends, and gives each TCP stream's bytes, one entry a direction. */
  public List<byte[]> end() {
    tcpdump.signal("INT");
    tcpdump.awaitOk(Vm.PATIENCE);
    assertThat(tcpdump.log()).contains("0 packets dropped by kernel");
    String base64 = vm.run("base64 -w0 " + FILE).ok().out();
    return streams(ByteBuffer.wrap(Base64.getDecoder().decode(base64)));
  }

  private static List<byte[]> streams(ByteBuffer file) {
    file.order(ByteOrder.LITTLE_ENDIAN);
    Map<String, Stream> streams = new TreeMap<>();
    file.position(FILE_HEADER);
    while (file.remaining() >= PACKET_HEADER) {
      int length = file.getInt(file.position() + 8);
      ByteBuffer packet = file.slice(file.position() + PACKET_HEADER, length);
      file.position(file.position() + PACKET_HEADER + length);
      segment(packet.order(ByteOrder.BIG_ENDIAN), streams);
    }
    List<byte[]> all = new ArrayList<>();
    streams.values().forEach(stream -> all.add(stream.bytes.toByteArray()));
    return all;
  }

  private static void segment(ByteBuffer packet, Map<String, Stream> streams) {
    int ip = ETHERNET_HEADER;
    boolean v6 = (packet.getShort(ip - 2) & 0xffff) == ETHERTYPE_IPV6;
    int tcp = ip + (v6 ? IPV6_HEADER : (packet.get(ip) & 0xf) * 4);
    int end =
        ip
            + (v6
                ? IPV6_HEADER + (packet.getShort(ip + 4) & 0xffff)
                : packet.getShort(ip + 2) & 0xffff);
    int payload = tcp + ((packet.get(tcp + 12) & 0xf0) >> 2);
    String ports = (packet.getShort(tcp) & 0xffff) + ">" + (packet.getShort(tcp + 2) & 0xffff);
    byte[] bytes = new byte[Math.max(0, end - payload)];
    packet.get(payload, bytes);
    boolean syn = (packet.get(tcp + 13) & 2) != 0;
    streams
        .computeIfAbsent(ports, key -> new Stream())
        .add(packet.getInt(tcp + 4) + (syn ? 1 : 0), bytes);
  }

  /** One direction of a connection; on the loopback nothing comes out of order. */
  private static final class Stream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean begun;
    private int next;

    void add(int sequence, byte[] data) {
      if (!begun) {
        begun = true;
        next = sequence;
      }
      if (data.length == 0) {
        // Its number may already count the FIN.
        return;
      }
      int known = next - sequence;
      if (known < 0) {
        throw new LabException("the capture has a hole of " + -known + " bytes");
      }
      if (known < data.length) {
        bytes.write(data, known, data.length - known);
        next += data.length - known;
      }
    }
  }

  /**
   * Asserts that every byte of these streams belongs to a TLS record, and none to {@code secret}.
   */
  public static void assertTlsOnly(List<byte[]> streams, String secret) {
    assertThat(streams).as("captured streams").hasSizeGreaterThanOrEqualTo(2);
    int data = 0;
    for (byte[] stream : streams) {
      assertThat(contains(stream, secret)).as("'%s' is on the wire in clear", secret).isFalse();
      data += dataRecords(stream);
    }
    assertThat(data).as("records of application data").isPositive();
  }

  /** Whether one of the streams carries this text as it is. */
  public static boolean anyContains(List<byte[]> streams, String text) {
    return streams.stream().anyMatch(stream -> contains(stream, text));
  }

  private static boolean contains(byte[] stream, String text) {
    return new String(stream, StandardCharsets.ISO_8859_1).contains(text);
  }

  /** Walks the records from the first byte to the last; counts those of application data. */
  private static int dataRecords(byte[] stream) {
    int data = 0;
    int at = 0;
    while (at < stream.length) {
      assertThat(stream.length - at)
          .as("bytes left at %d", at)
          .isGreaterThanOrEqualTo(RECORD_HEADER);
      int type = stream[at] & 0xff;
      int length = (stream[at + 3] & 0xff) << 8 | stream[at + 4] & 0xff;
      assertThat(type).as("record type at byte %d", at).isBetween(20, 23);
      assertThat(stream[at + 1]).as("record version at byte %d", at).isEqualTo((byte) 3);
      assertThat(length).as("record length at byte %d", at).isBetween(1, RECORD_MAX);
      data += type == 23 ? 1 : 0;
      at += RECORD_HEADER + length;
    }
    assertThat(at).as("the last record is whole").isEqualTo(stream.length);
    return data;
  }
}
