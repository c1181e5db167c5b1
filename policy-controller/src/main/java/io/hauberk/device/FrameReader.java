// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Turns frames into the records that the rest of the controller knows. */
final class FrameReader {
  private FrameReader() {}

  static DeviceInfo info(Frame frame) {
    return new DeviceInfo(
        frame.integer(Wire.A_VERSION),
        frame.string(Wire.A_MODULE_VERSION),
        frame.number(Wire.A_INSTANCE),
        frame.number(Wire.A_GENERATION));
  }

  static Status status(Frame frame, List<RuleStatus> rules, List<IdentityStatus> identities) {
    return new Status(
        frame.number(Wire.A_GENERATION),
        frame.string(Wire.A_LABEL),
        frame.nanoseconds(Wire.A_TIME_NS),
        frame.number(Wire.A_INSTANCE),
        new Settings(
            frame.integer(Wire.A_HANDSHAKE_TIMEOUT_MS),
            frame.integer(Wire.A_HANDSHAKE_MAX),
            frame.integer(Wire.A_HANDSHAKE_RATE),
            frame.integer(Wire.A_SESSION_MAX),
            RecordLayer.ofCode(frame.integer(Wire.A_RECORD_LAYER))),
        frame.number(Wire.A_HANDSHAKES_INBOUND),
        frame.number(Wire.A_HANDSHAKES_OUTBOUND),
        frame.number(Wire.A_SESSIONS),
        frame.number(Wire.A_CONNECTIONS_OPEN),
        frame.number(Wire.A_OPENED),
        frame.number(Wire.A_REFUSED),
        frame.number(Wire.A_CLOSED),
        frame.number(Wire.A_DENIED),
        frame.number(Wire.A_EVENTS_LOST),
        frame.number(Wire.A_ANCHORS),
        rules,
        identities);
  }

  static RuleStatus ruleStatus(Frame frame) {
    return new RuleStatus(
        frame.string(Wire.A_RULE),
        frame.number(Wire.A_MATCHED),
        frame.number(Wire.A_OPENED),
        frame.number(Wire.A_REFUSED),
        frame.number(Wire.A_DENIED),
        frame.number(Wire.A_CLOSED),
        frame.number(Wire.A_RX_BYTES),
        frame.number(Wire.A_TX_BYTES),
        frame.number(Wire.A_RESUMED),
        frame.number(Wire.A_PLAIN),
        frame.number(Wire.A_PASSED));
  }

  static IdentityStatus identityStatus(Frame frame) {
    return new IdentityStatus(
        frame.string(Wire.A_NAME),
        frame.string(Wire.A_SPIFFE_ID),
        frame.hex(Wire.A_SERIAL),
        frame.seconds(Wire.A_NOT_BEFORE),
        frame.seconds(Wire.A_NOT_AFTER),
        frame.string(Wire.A_KEY_TYPE));
  }

  static Connection connection(Frame frame) {
    return new Connection(
        frame.number(Wire.A_CONNECTION_ID),
        frame.nanoseconds(Wire.A_TIME_NS),
        frame.number(Wire.A_GENERATION),
        frame.string(Wire.A_RULE),
        frame.direction(),
        frame.endpoint(Wire.A_LOCAL_ADDRESS, Wire.A_LOCAL_PORT),
        frame.endpoint(Wire.A_REMOTE_ADDRESS, Wire.A_REMOTE_PORT),
        frame.number(Wire.A_PID),
        frame.number(Wire.A_UID),
        frame.string(Wire.A_COMM),
        frame.string(Wire.A_IDENTITY),
        frame.string(Wire.A_PEER_ID),
        frame.string(Wire.A_PEER_NAME),
        frame.hex(Wire.A_PEER_SERIAL),
        frame.seconds(Wire.A_PEER_NOT_AFTER),
        frame.integer(Wire.A_SUITE),
        frame.number(Wire.A_KTLS) != 0,
        frame.number(Wire.A_RESUMED) != 0,
        Duration.of(frame.number(Wire.A_HANDSHAKE_US), ChronoUnit.MICROS),
        frame.number(Wire.A_RX_BYTES),
        frame.number(Wire.A_TX_BYTES));
  }

  /** The event that a frame tells; empty for a kind that a newer module may have. */
  static Optional<Event> event(Frame frame) {
    Instant time = frame.nanoseconds(Wire.A_TIME_NS);
    return switch (frame.type()) {
      case Wire.EVENT_OPENED -> Optional.of(new Event.Opened(time, connection(frame)));
      case Wire.EVENT_CLOSED ->
          Optional.of(new Event.Closed(time, connection(frame), frame.string(Wire.A_REASON)));
      case Wire.EVENT_REFUSED ->
          Optional.of(new Event.Refused(time, connection(frame), frame.string(Wire.A_REASON)));
      case Wire.EVENT_RULESET ->
          Optional.of(
              new Event.RuleSetChanged(
                  time, frame.number(Wire.A_GENERATION), frame.string(Wire.A_LABEL)));
      case Wire.EVENT_WASM_LOADED ->
          Optional.of(
              new Event.GuestLoaded(
                  time,
                  frame.string(Wire.A_NAME),
                  frame.number(Wire.A_SIZE),
                  frame.number(Wire.A_COMPILED) != 0));
      case Wire.EVENT_WASM_UNLOADED ->
          Optional.of(new Event.GuestUnloaded(time, frame.string(Wire.A_NAME)));
      case Wire.EVENT_WASM_QUARANTINED ->
          Optional.of(
              new Event.GuestQuarantined(
                  time, frame.string(Wire.A_NAME), frame.number(Wire.A_TRAPS)));
      case Wire.EVENT_FILTER_FAILED -> Optional.of(FilterReader.failure(frame));
      case Wire.EVENT_LOST -> Optional.of(new Event.Lost(time, frame.number(Wire.A_LOST)));
      default -> Optional.empty();
    };
  }
}
