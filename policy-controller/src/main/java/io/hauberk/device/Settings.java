// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/**
 * Bounds of the handshakes that the kernel does.
 *
 * @param handshakeTimeoutMs the deadline of one handshake, in milliseconds
 * @param handshakeMax how many handshakes may take memory at once, inbound and outbound each
 */
public record Settings(int handshakeTimeoutMs, int handshakeMax) {
  public static final int TIMEOUT_MS_MIN = 100;
  public static final int TIMEOUT_MS_MAX = 600_000;

  /** What holds where a rule-set says nothing. */
  public static final Settings DEFAULTS = new Settings(10_000, 4096);
}
