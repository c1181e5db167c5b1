// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.FilterEntry;
import io.hauberk.device.UpstreamEntry;
import io.hauberk.wasm.ModuleSource;
import io.hauberk.wasm.WasmException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the modules of filters, looks upstreams up, and names what the kernel gets of both. */
final class FilterResolver {
  private final RuleSet ruleSet;
  private final Path folder;
  private final List<Problem> problems;

  /** Modules with relative paths are looked for in the folder. */
  FilterResolver(RuleSet ruleSet, Path folder, List<Problem> problems) {
    this.ruleSet = ruleSet;
    this.folder = folder;
    this.problems = problems;
  }

  FilterPlan resolve(ModuleSource source, HostResolver host) {
    Map<String, FilterModule> modules = modules(source);
    Map<FilterUse, String> names = names();
    List<FilterEntry> entries = new ArrayList<>();
    names.forEach(
        (use, name) ->
            Optional.ofNullable(modules.get(use.filter()))
                .ifPresent(module -> entries.add(entry(name, use, module))));
    Set<String> used = names.keySet().stream().map(FilterUse::filter).collect(Collectors.toSet());
    return new FilterPlan(
        modules.values().stream().filter(module -> used.contains(module.filter())).toList(),
        entries,
        upstreams(host),
        names);
  }

  /** Those of all filters, so that a mistake is told before a rule uses the filter. */
  private Map<String, FilterModule> modules(ModuleSource source) {
    Map<String, FilterModule> modules = new LinkedHashMap<>();
    for (Filter filter : ruleSet.filters()) {
      try {
        byte[] bytes = source.read(folder.resolve(filter.module()).normalize());
        modules.put(filter.name(), FilterModule.of(filter.name(), bytes));
      } catch (WasmException e) {
        problems.add(ruleSet.source().problem(filter.path() + ".module", e.getMessage()));
      }
    }
    return modules;
  }

  /**
   * The first use of a filter has the filter's name, another one with another configuration that
   * and a number.
   */
  private Map<FilterUse, String> names() {
    Set<String> taken = ruleSet.filters().stream().map(Filter::name).collect(Collectors.toSet());
    Set<String> begun = new HashSet<>();
    Map<FilterUse, String> names = new LinkedHashMap<>();
    for (Rule rule : ruleSet.rules()) {
      for (FilterUse use : rule.filters()) {
        if (!names.containsKey(use)) {
          String name = begun.add(use.filter()) ? use.filter() : numbered(use.filter(), taken);
          taken.add(name);
          names.put(use, name);
        }
      }
    }
    return names;
  }

  private static String numbered(String name, Set<String> taken) {
    int number = 2;
    while (taken.contains(name + "." + number)) {
      number++;
    }
    return name + "." + number;
  }

  private FilterEntry entry(String name, FilterUse use, FilterModule module) {
    Filter filter =
        ruleSet.filters().stream()
            .filter(f -> f.name().equals(use.filter()))
            .findFirst()
            .orElseThrow();
    return new FilterEntry(
        name,
        module.guest(),
        filter.vmId().orElse(filter.name()),
        filter.rootId(),
        filter.vmConfig(),
        use.config(),
        use.onFailure(),
        filter.budget(),
        filter.protocol(),
        filter.isolation());
  }

  private List<UpstreamEntry> upstreams(HostResolver host) {
    List<UpstreamEntry> upstreams = new ArrayList<>();
    for (Upstream upstream : ruleSet.upstreams()) {
      Optional<InetAddress> address = host.address(upstream.host());
      if (address.isPresent()) {
        upstreams.add(
            new UpstreamEntry(
                upstream.name(), new InetSocketAddress(address.get(), upstream.port())));
      } else {
        problems.add(
            ruleSet
                .source()
                .problem(
                    upstream.path() + ".address",
                    "this machine knows no address of '" + upstream.host() + "'"));
      }
    }
    return upstreams;
  }
}
