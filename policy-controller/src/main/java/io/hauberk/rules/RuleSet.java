// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.Settings;
import java.util.List;

/** A rule-set as its file says it, every key checked and every default filled in. */
public record RuleSet(
    String trustDomain,
    List<Identity> identities,
    List<Filter> filters,
    List<Upstream> upstreams,
    List<Rule> rules,
    Settings settings,
    Source source) {

  public RuleSet {
    identities = List.copyOf(identities);
    filters = List.copyOf(filters);
    upstreams = List.copyOf(upstreams);
    rules = List.copyOf(rules);
  }
}
