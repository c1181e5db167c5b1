// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/**
 * Bounds of what the kernel does, and who encrypts.
 *
 * @param handshakeTimeoutMs the deadline of one handshake, in milliseconds
 * @param handshakeMax how many handshakes may take memory at once, inbound and outbound each
 * @param handshakeRate how many handshakes one source may begin in a second; 0: any number
 * @param sessionMax how many sessions are kept for resumption; 0: none is resumed
 */
public record Settings(
    int handshakeTimeoutMs,
    int handshakeMax,
    int handshakeRate,
    int sessionMax,
    RecordLayer recordLayer) {
  public static final int TIMEOUT_MS_MIN = 100;
  public static final int TIMEOUT_MS_MAX = 600_000;

  /** What holds where a rule-set says nothing. */
  public static final Settings DEFAULTS =
      new Settings(10_000, 4096, 1000, 4096, RecordLayer.KERNEL);
}
