// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.wasm.ModuleSource;
import io.hauberk.wasm.WasmException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cases of {@code bad-rule-sets.txt}: {@code ###} and a title, a rule-set, and after {@code =>}
 * each line that must be printed, without the file's name.
 */
final class BadRuleSets {
  /** Saves the cases that are about rules from saying it; it is four lines long. */
  private static final String PREAMBLE =
      """
      apiVersion: hauberk/v1
      kind: RuleSet
      trustDomain: example.org
      identities: [{name: web, spiffeId: "spiffe://example.org/web"}]
      """;

  /** A machine with one user and a few control groups. */
  static final HostResolver HOST =
      new HostResolver() {
        private final Map<String, Long> cgroups =
            Map.of("/", 1L, "/system.slice", 20L, "/system.slice/nginx.service", 4242L);

        private final Map<String, Long> namespaces = Map.of("red", 4026531840L, "green", 7L);

        @Override
        public OptionalLong uid(String name) {
          return name.equals("alice") ? OptionalLong.of(1000) : OptionalLong.empty();
        }

        @Override
        public OptionalLong gid(String name) {
          return name.equals("staff") ? OptionalLong.of(50) : OptionalLong.empty();
        }

        @Override
        public OptionalLong cgroup(String path) {
          Long id = cgroups.get(path);
          return id == null ? OptionalLong.empty() : OptionalLong.of(id);
        }

        @Override
        public OptionalLong netns(String name) {
          Long inode = namespaces.get(name);
          return inode == null ? OptionalLong.empty() : OptionalLong.of(inode);
        }

        @Override
        public Optional<InetAddress> address(String host) {
          try {
            return host.matches("[0-9.]+|.*:.*")
                ? Optional.of(InetAddress.getByName(host))
                : Optional.empty();
          } catch (UnknownHostException e) {
            return Optional.empty();
          }
        }
      };

  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  /** Any module is there but that in {@code missing.wasm}. */
  static final ModuleSource MODULES =
      file -> {
        if (file.endsWith("missing.wasm")) {
          throw new WasmException(file + " is not there");
        }
        return MODULE;
      };

  private BadRuleSets() {}

  static CompiledRuleSet compile(byte[] text) {
    return RuleSetCompiler.compile("rules.yaml", text, HOST, Path.of("/etc/filters"), MODULES);
  }

  record Case(String title, String yaml, List<String> expected) {
    @Override
    public String toString() {
      return title;
    }
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream in = BadRuleSets.class.getResourceAsStream("bad-rule-sets.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<Case> cases = new ArrayList<>();
      for (String block : text.split("(?m)^### ")) {
        if (!block.startsWith("#")) {
          cases.add(parse(block));
        }
      }
      return cases.stream();
    }
  }

  private static Case parse(String block) {
    List<String> lines = block.lines().toList();
    List<String> expected =
        lines.stream().filter(line -> line.startsWith("=> ")).map(l -> l.substring(3)).toList();
    String yaml =
        lines.stream()
            .skip(1)
            .filter(line -> !line.startsWith("=> "))
            .collect(Collectors.joining("\n", "", "\n"));
    return new Case(lines.get(0), yaml.startsWith("apiVersion") ? yaml : PREAMBLE + yaml, expected);
  }
}
