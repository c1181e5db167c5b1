// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.FilterEntry;
import io.hauberk.device.UpstreamEntry;
import java.util.List;
import java.util.Map;

/**
 * The filters of a rule-set in the form that the kernel takes.
 *
 * @param modules those that any rule uses, each once
 * @param entries a filter with each configuration that rules give it
 * @param names what the decision table calls the entry of each use
 */
public record FilterPlan(
    List<FilterModule> modules,
    List<FilterEntry> entries,
    List<UpstreamEntry> upstreams,
    Map<FilterUse, String> names) {
  static final FilterPlan NONE = new FilterPlan(List.of(), List.of(), List.of(), Map.of());

  public FilterPlan {
    modules = List.copyOf(modules);
    entries = List.copyOf(entries);
    upstreams = List.copyOf(upstreams);
    names = Map.copyOf(names);
  }
}
