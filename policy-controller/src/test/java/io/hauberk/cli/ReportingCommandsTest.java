// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.cli.Harness.Outcome;
import io.hauberk.device.Connection;
import io.hauberk.device.Event;
import io.hauberk.device.IdentityStatus;
import io.hauberk.device.RecordLayer;
import io.hauberk.device.RuleStatus;
import io.hauberk.device.Settings;
import io.hauberk.rules.Direction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that only tell: status, connections, events, version, completion, help. */
class ReportingCommandsTest {
  private static final Instant OPENED = Instant.parse("2026-03-01T11:59:57.250Z");

  @TempDir private Path directory;
  private Harness hauberk;

  @BeforeEach
  void makeHarness() throws IOException {
    hauberk = new Harness(directory);
  }

  @Test
  void statusOfAFreshModule() {
    assertThat(hauberk.run("status"))
        .isEqualTo(
            new Outcome(
                0,
                """
                module       hauberk.ko 0.1.0
                rule-set     none: no connection is touched
                connections  2 open, records by the kernel
                handshakes   3 of 4096 inbound, 1 of 4096 outbound, 10000 ms each, 1000 a second from one source
                sessions     17 of 4096 kept
                counters     3 opened, 4 refused, 6 denied, 5 closed, 7 events lost
                trust        1 trust anchor
                """,
                ""));
  }

  @Test
  void statusShowsRulesAndIdentities() {
    fill();

    assertThat(hauberk.run("status").out())
        .isEqualTo(
            """
            module       hauberk.ko 0.1.0
            rule-set     generation 1, 1m5s old, by: apply rules.yaml
            connections  2 open, records by the kernel
            handshakes   3 of 4096 inbound, 1 of 4096 outbound, 10000 ms each, 1000 a second from one source
            sessions     17 of 4096 kept
            counters     3 opened, 4 refused, 6 denied, 5 closed, 7 events lost
            trust        1 trust anchor

            RULE    MATCHED  OPENED  RESUMED  PLAIN  PASSED  REFUSED  DENIED  CLOSED     RX       TX
            web-in       20      10        8      5       3        2       0       9  100 B  1.5 MiB

            IDENTITY  SPIFFE ID                 KEY      SERIAL  VALID UNTIL           LEFT
            web       spiffe://example.org/web  ec-p256  0a0b    2026-03-02T12:00:00Z  1d0h
            """);
  }

  @Test
  void statusTellsWhichWayIsNearItsCap() {
    hauberk.terminal = true;
    hauberk.kernel.settings = new Settings(500, 4, 0, 32, RecordLayer.OWN);

    assertThat(hauberk.run("status").out())
        .contains("2 open, records by Hauberk itself")
        .contains(
            "  \u001b[33m3 of 4\u001b[0m inbound, 1 of 4 outbound, 500 ms each,"
                + " any number a second from one source")
        .contains("17 of 32 kept");
  }

  @Test
  void statusTellsOfEditsSinceTheApply() throws IOException {
    hauberk.run("init", hauberk.rules);
    hauberk.run("apply", hauberk.rules);
    assertThat(hauberk.run("status").out()).doesNotContain("changed since");

    Files.writeString(hauberk.rules, "# more\n");
    assertThat(hauberk.run("status").out()).contains("(the file has changed since)");
  }

  @Test
  void statusSpeaksJson() {
    fill();

    assertThat(hauberk.run("status", "--json").out())
        .isEqualTo(
            """
            {"moduleVersion":"0.1.0","instance":"abcd","generation":1,"label":"apply rules.yaml",\
            "time":"2026-03-01T11:58:55Z","handshakeTimeoutMs":10000,"handshakeMax":4096,\
            "handshakeRate":1000,"sessionMax":4096,"recordLayer":"kernel",\
            "handshakesPending":4,"handshakesInbound":3,"handshakesOutbound":1,"sessions":17,\
            "connectionsOpen":2,"opened":3,"refused":4,"denied":6,\
            "closed":5,"eventsLost":7,"anchors":1,\
            "rules":[{"rule":"web-in","matched":20,"opened":10,"refused":2,"denied":0,\
            "closed":9,"rxBytes":100,"txBytes":1572864,"resumed":8,"plain":5,"passed":3}],\
            "identities":[{"name":"web","spiffeId":"spiffe://example.org/web","serial":"0a0b",\
            "notBefore":"2026-03-01T11:55:00Z","notAfter":"2026-03-02T12:00:00Z",\
            "keyType":"ec-p256"}],"filters":[]}
            """);
  }

  @Test
  void connectionsAreATable() {
    hauberk.kernel.connections.add(connection(7, Direction.INBOUND, "127.0.0.1"));
    hauberk.kernel.connections.add(connection(12, Direction.OUTBOUND, "::1"));

    assertThat(hauberk.run("connections").out())
        .isEqualTo(
            """
            ID  DIRECTION  LOCAL           REMOTE           PROCESS   RULE    \
            PEER                         SERIAL  SUITE                                    \
            KTLS  RESUMED    RX       TX  AGE
             7  inbound    127.0.0.1:8000  127.0.0.1:51234  curl[42]  web-in  \
            spiffe://example.org/client  0c0d    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256  \
            yes   no       77 B  1.5 KiB   2s
            12  outbound   [::1]:8000      [::1]:51234      curl[42]  web-in  \
            spiffe://example.org/client  0c0d    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256  \
            yes   yes      77 B  1.5 KiB   2s
            """);
  }

  @Test
  void connectionsSpeakJson() {
    hauberk.kernel.connections.add(connection(7, Direction.INBOUND, "127.0.0.1"));

    assertThat(hauberk.run("connections", "--json").out())
        .isEqualTo("[{" + connectionJson() + "}]\n");
  }

  @Test
  void pastEventsAreOneALine() {
    addEvents();

    assertThat(hauberk.run("events"))
        .isEqualTo(
            new Outcome(
                0,
                """
                2026-03-01T11:59:57.250Z opened   #7 127.0.0.1:8000 <- 127.0.0.1:51234 curl[42] \
                rule=web-in peer=spiffe://example.org/client serial=0c0d \
                suite=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ktls=yes resumed=no handshake=1234us
                2026-03-01T11:59:57.250Z closed   #7 127.0.0.1:8000 <- 127.0.0.1:51234 curl[42] \
                rule=web-in peer=spiffe://example.org/client serial=0c0d \
                rx=77 tx=1536 reason=peer-closed
                2026-03-01T11:59:57.250Z refused  #8 127.0.0.1:8000 <- 127.0.0.1:51234 curl[42] \
                rule=web-in peer=spiffe://example.org/client serial=0c0d reason=peer-not-allowed
                2026-03-01T11:59:57.250Z rule-set generation 4 by: apply rules.yaml
                - lost     3 events
                """,
                ""));
  }

  @Test
  void eventsOfGuests() {
    hauberk.kernel.events.addAll(
        List.of(
            new Event.GuestLoaded(OPENED, "stamp", 2048, true),
            new Event.GuestQuarantined(OPENED, "stamp", 16),
            new Event.GuestUnloaded(OPENED, "stamp")));
    assertThat(hauberk.run("events").out())
        .isEqualTo(
            """
            2026-03-01T11:59:57.250Z guest    stamp loaded, 2.0 KiB, compiled
            2026-03-01T11:59:57.250Z guest    stamp quarantined after 16 traps
            2026-03-01T11:59:57.250Z guest    stamp unloaded
            """);
    assertThat(hauberk.run("events", "--json").out().lines())
        .containsExactly(
            "{\"event\":\"guest-loaded\",\"time\":\"2026-03-01T11:59:57.250Z\","
                + "\"guest\":\"stamp\",\"size\":2048,\"compiled\":true}",
            "{\"event\":\"guest-quarantined\",\"time\":\"2026-03-01T11:59:57.250Z\","
                + "\"guest\":\"stamp\",\"traps\":16}",
            "{\"event\":\"guest-unloaded\",\"time\":\"2026-03-01T11:59:57.250Z\","
                + "\"guest\":\"stamp\"}");
  }

  @Test
  void soManyPastEventsAsAreAskedFor() {
    addEvents();

    assertThat(hauberk.run("events", "--replay", "1").out()).isEqualTo("- lost     3 events\n");
    assertThat(hauberk.run("events", "-f", "--replay", "2").out().lines()).hasSize(2);
    assertThat(hauberk.run("events", "-f").out()).isEmpty();
  }

  @Test
  void eventsSpeakJson() {
    addEvents();

    assertThat(hauberk.run("events", "--json").out().lines())
        .containsExactly(
            "{\"event\":\"opened\"," + connectionJson() + ",\"reason\":\"\"}",
            "{\"event\":\"closed\"," + connectionJson() + ",\"reason\":\"peer-closed\"}",
            "{\"event\":\"refused\","
                + connectionJson().replace("\"id\":7", "\"id\":8")
                + ",\"reason\":\"peer-not-allowed\"}",
            "{\"event\":\"rule-set\",\"time\":\"2026-03-01T11:59:57.250Z\",\"generation\":4,"
                + "\"label\":\"apply rules.yaml\"}",
            "{\"event\":\"lost\",\"time\":null,\"count\":3}");
  }

  @Test
  void versionNamesBothHalves() {
    assertThat(hauberk.run("version").out())
        .isEqualTo("hauberk development\nmodule 0.1.0, protocol 1\n");

    hauberk.kernel.unload();
    assertThat(hauberk.run("version").out()).contains("module unknown: /dev/hauberk is not there");
  }

  @Test
  void completionIsForThisCommand() {
    Outcome outcome = hauberk.run("completion");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).contains("complete -F _complete_hauberk").contains("connections");
  }

  @Test
  void withoutAVerbThereIsHelp() {
    Outcome outcome = hauberk.run();

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .startsWith("Usage: hauberk")
        .contains("init", "check", "apply", "status", "connections", "events", "certs", "serve")
        .doesNotContain("--device");
  }

  @Test
  void everyVerbHasHelp() {
    for (String verb : List.of("init", "check", "apply", "status", "events", "certs", "serve")) {
      Outcome outcome = hauberk.run(verb, "--help");
      assertThat(outcome.status()).as(verb).isZero();
      assertThat(outcome.out()).as(verb).startsWith("Usage: hauberk " + verb);
    }
  }

  @Test
  void anUnknownVerbIsAMistakeOfUsage() {
    Outcome outcome = hauberk.run("statsu");

    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains("'statsu'").contains("status");
  }

  @Test
  void withoutTheModuleEveryReportIsOneLine() {
    hauberk.kernel.unload();

    for (String verb : List.of("status", "connections", "events")) {
      assertThat(hauberk.run(verb))
          .isEqualTo(
              new Outcome(
                  69,
                  "",
                  "hauberk: /dev/hauberk is not there:"
                      + " is the hauberk module loaded? (modprobe hauberk)\n"));
    }
  }

  @Test
  void coloursAreForTerminalsThatWantThem() {
    hauberk.kernel.unload();
    assertThat(hauberk.run("status").err()).startsWith("hauberk: ");

    hauberk.terminal = true;
    assertThat(hauberk.run("status").err()).startsWith("\u001b[31mhauberk: \u001b[0m");

    hauberk.variables.put("NO_COLOR", "1");
    assertThat(hauberk.run("status").err()).startsWith("hauberk: ");
  }

  private void fill() {
    hauberk.kernel.pushByAnother("apply rules.yaml");
    hauberk.kernel.rules =
        List.of(new RuleStatus("web-in", 20, 10, 2, 0, 9, 100, 1_572_864, 8, 5, 3));
    hauberk.kernel.identities =
        List.of(
            new IdentityStatus(
                "web",
                "spiffe://example.org/web",
                "0a0b",
                Instant.parse("2026-03-01T11:55:00Z"),
                Instant.parse("2026-03-02T12:00:00Z"),
                "ec-p256"));
  }

  private void addEvents() {
    Connection connection = connection(7, Direction.INBOUND, "127.0.0.1");
    Connection refused = connection(8, Direction.INBOUND, "127.0.0.1");
    hauberk.kernel.events.addAll(
        List.of(
            new Event.Opened(OPENED, connection),
            new Event.Closed(OPENED, connection, "peer-closed"),
            new Event.Refused(OPENED, refused, "peer-not-allowed"),
            new Event.RuleSetChanged(OPENED, 4, "apply rules.yaml"),
            new Event.Lost(Instant.EPOCH, 3)));
  }

  private static Connection connection(long id, Direction direction, String host) {
    return new Connection(
        id,
        OPENED,
        3,
        "web-in",
        direction,
        address(host, 8000),
        address(host, 51_234),
        42,
        1000,
        "curl",
        "web",
        "spiffe://example.org/client",
        "client.example.org",
        "0c0d",
        Instant.parse("2026-03-02T12:00:00Z"),
        0xc02b,
        true,
        id == 12,
        Duration.ofNanos(1_234_567),
        77,
        1536);
  }

  private static InetSocketAddress address(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("a literal address needs no look-up", e);
    }
  }

  private static String connectionJson() {
    return """
    "id":7,"time":"2026-03-01T11:59:57.250Z","generation":3,"rule":"web-in",\
    "direction":"inbound","localAddress":"127.0.0.1","localPort":8000,\
    "remoteAddress":"127.0.0.1","remotePort":51234,"pid":42,"uid":1000,"comm":"curl",\
    "identity":"web","peerId":"spiffe://example.org/client","peerName":"client.example.org",\
    "peerSerial":"0c0d","peerNotAfter":"2026-03-02T12:00:00Z",\
    "suite":"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256","ktls":true,"resumed":false,"handshakeMicros":1234,\
    "rxBytes":77,"txBytes":1536\
    """;
  }
}
