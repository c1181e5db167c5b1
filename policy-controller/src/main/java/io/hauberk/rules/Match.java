// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.List;

/**
 * Which connections a rule speaks of; an empty list leaves its dimension unconstrained.
 *
 * <p>Users, groups, control groups and network namespaces stay as they were written: their numbers
 * are this machine's and are found by the {@link HostResolver} when the rule-set is compiled.
 */
public record Match(
    Direction direction,
    List<Range> ports,
    List<Cidr> cidrs,
    List<String> uids,
    List<String> gids,
    List<String> comms,
    List<String> cgroups,
    List<String> netns) {

  public Match {
    ports = List.copyOf(ports);
    cidrs = List.copyOf(cidrs);
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
    comms = List.copyOf(comms);
    cgroups = List.copyOf(cgroups);
    netns = List.copyOf(netns);
  }
}
