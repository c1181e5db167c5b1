// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.time.Instant;
import java.util.List;

/**
 * The state of the module.
 *
 * @param label of the last push; empty before the first one
 * @param time when the generation took effect; the epoch before the first push
 * @param handshakesInbound how many are under way, of those that the settings bound
 * @param sessions how many are kept for resumption
 */
public record Status(
    long generation,
    String label,
    Instant time,
    long instance,
    Settings settings,
    long handshakesInbound,
    long handshakesOutbound,
    long sessions,
    long connectionsOpen,
    long opened,
    long refused,
    long closed,
    long denied,
    long eventsLost,
    long anchors,
    List<RuleStatus> rules,
    List<IdentityStatus> identities) {

  public Status {
    rules = List.copyOf(rules);
    identities = List.copyOf(identities);
  }
}
