// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.List;
import java.util.Optional;

/**
 * One rule, as written.
 *
 * @param index the place in the file, from 0
 * @param onTls what becomes of an application that speaks TLS itself
 * @param identity our own identity; present exactly if the action speaks TLS
 * @param serverName the name to ask for and to demand of the peer, outbound only
 * @param peers the patterns of allowed peers; empty unless the action speaks TLS
 * @param filters the chain that connections go through, in the order of requests
 */
public record Rule(
    int index,
    String name,
    Match match,
    Action action,
    OnTls onTls,
    Optional<String> identity,
    Optional<String> serverName,
    List<String> peers,
    List<FilterUse> filters) {

  public Rule {
    peers = List.copyOf(peers);
    filters = List.copyOf(filters);
  }

  /** The key path of this rule in its file. */
  public String path() {
    return "rules[" + index + "]";
  }
}
