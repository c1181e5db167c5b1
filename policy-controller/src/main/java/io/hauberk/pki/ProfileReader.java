// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads a certificate profile; all mistakes are told at once, each with its line and column. */
public final class ProfileReader {
  private static final Map<String, String> FIXED =
      Map.of("apiVersion", "hauberk/v1", "kind", "CertificateProfile");

  private final Path file;
  private final List<String> mistakes = new ArrayList<>();

  private ProfileReader(Path file) {
    this.file = file;
  }

  /** Reads the profile in {@code file}; keys that are absent keep the default's value. */
  public static Profile read(Path file) {
    return new ProfileReader(file).read();
  }

  private Profile read() {
    Map<String, ScalarNode> values = flatten(compose());
    FIXED.forEach((key, expected) -> requireValue(values, key, expected));
    Profile defaults = Profile.DEFAULT;
    Profile profile =
        new Profile(
            take(values, "ca.key", KeyType::of, defaults.caKey()),
            take(values, "ca.lifetime", Profile::parseLifetime, defaults.caLifetime()),
            take(values, "leaf.key", KeyType::of, defaults.leafKey()),
            take(values, "leaf.lifetime", Profile::parseLifetime, defaults.leafLifetime()));
    values.forEach((key, node) -> complain(node, key + ": there is no such key in a profile"));
    if (!mistakes.isEmpty()) {
      throw new ProfileException(mistakes.stream().sorted().collect(Collectors.joining("\n")));
    }
    return profile;
  }

  private Node compose() {
    LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
    try {
      return new Compose(settings)
          .composeString(Files.readString(file))
          .orElseThrow(() -> new ProfileException(file + ":1:1: the profile is empty"));
    } catch (MarkedYamlEngineException e) {
      throw new ProfileException(
          position(e.getProblemMark().orElse(null)) + ": not YAML: " + e.getProblem());
    } catch (IOException e) {
      throw StateException.cannotRead(file, e);
    }
  }

  /** Turns the two levels of a profile into {@code section.key}; values are all scalars. */
  private Map<String, ScalarNode> flatten(Node root) {
    Map<String, ScalarNode> values = new LinkedHashMap<>();
    Map<String, Node> pending = new HashMap<>(entries("", root));
    for (Map.Entry<String, Node> entry : pending.entrySet()) {
      if (entry.getValue() instanceof ScalarNode scalar) {
        values.put(entry.getKey(), scalar);
        continue;
      }
      entries(entry.getKey() + ".", entry.getValue())
          .forEach(
              (key, node) -> {
                if (node instanceof ScalarNode scalar) {
                  values.put(key, scalar);
                } else {
                  complain(node, key + ": must be a single value");
                }
              });
    }
    return values;
  }

  private Map<String, Node> entries(String prefix, Node node) {
    Map<String, Node> entries = new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping)) {
      complain(node, (prefix.isEmpty() ? "the profile" : prefix) + " must be a mapping");
      return entries;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      if (entries.put(prefix + key, tuple.getValueNode()) != null) {
        complain(tuple.getKeyNode(), prefix + key + ": stands here twice");
      }
    }
    return entries;
  }

  private void requireValue(Map<String, ScalarNode> values, String key, String expected) {
    ScalarNode node = values.remove(key);
    if (node == null) {
      mistakes.add(file + ":1:1: " + key + ": is missing; it must be " + expected);
    } else if (!node.getValue().equals(expected)) {
      complain(node, key + ": must be " + expected);
    }
  }

  private <T> T take(
      Map<String, ScalarNode> values, String key, Function<String, T> parser, T fallback) {
    ScalarNode node = values.remove(key);
    if (node == null) {
      return fallback;
    }
    try {
      return parser.apply(node.getValue());
    } catch (PkiException e) {
      complain(node, key + ": " + e.getMessage());
      return fallback;
    }
  }

  private void complain(Node node, String message) {
    mistakes.add(position(node.getStartMark().orElse(null)) + ": " + message);
  }

  private String position(Mark mark) {
    return mark == null
        ? file.toString()
        : file + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
  }
}
