// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.time.Instant;

/** What the kernel tells of as it happens. */
public sealed interface Event {

  /** When it happened; the epoch where the kernel does not say. */
  Instant time();

  /** A handshake was finished. */
  record Opened(Instant time, Connection connection) implements Event {}

  /** An opened connection ended. */
  record Closed(Instant time, Connection connection, String reason) implements Event {}

  /** A connection was denied by a rule, or its handshake failed. */
  record Refused(Instant time, Connection connection, String reason) implements Event {}

  /** A push took effect. */
  record RuleSetChanged(Instant time, long generation, String label) implements Event {}

  /** A guest was loaded. */
  record GuestLoaded(Instant time, String guest, long size, boolean compiled) implements Event {}

  /** A guest was unloaded. */
  record GuestUnloaded(Instant time, String guest) implements Event {}

  /** A guest trapped too often, and runs no more. */
  record GuestQuarantined(Instant time, String guest, long traps) implements Event {}

  /**
   * A filter could not do its work.
   *
   * @param connection its number; 0 if no connection was concerned
   * @param trap why a call of its module ended early; empty if none did
   */
  record FilterFailed(
      Instant time, String filter, String rule, long connection, String trap, String reason)
      implements Event {}

  /** So many events were overwritten before this reader came to them. */
  record Lost(Instant time, long count) implements Event {}
}
