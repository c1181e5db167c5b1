// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import io.hauberk.rules.Direction;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;

/**
 * One connection that a rule matched. What is not known, as in the event of a refused one, is empty
 * or zero; the epoch stands for an unknown time.
 *
 * @param time when it was opened or refused
 * @param identity our own identity
 * @param peerId the peer's SPIFFE id
 * @param peerName the peer's DNS name that was matched, or its first one
 * @param peerSerial the serial number of the peer's leaf in lower-case hexadecimal
 * @param suite the IANA number of the cipher suite
 * @param ktls whether the records are the kernel's; if not, they are Hauberk's own
 * @param resumed whether the handshake resumed a session
 */
public record Connection(
    long id,
    Instant time,
    long generation,
    String rule,
    Direction direction,
    InetSocketAddress local,
    InetSocketAddress remote,
    long pid,
    long uid,
    String comm,
    String identity,
    String peerId,
    String peerName,
    String peerSerial,
    Instant peerNotAfter,
    int suite,
    boolean ktls,
    boolean resumed,
    Duration handshake,
    long rxBytes,
    long txBytes) {

  /** The name of the cipher suite in the IANA registry, or its number. */
  public String suiteName() {
    return CipherSuites.name(suite);
  }
}
