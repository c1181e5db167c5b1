// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.rules.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
  private final List<Problem> problems = new ArrayList<>();

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
            take(values, "ca.key", Keys::named, defaults.caKey()),
            take(values, "ca.lifetime", Profile::parseLifetime, defaults.caLifetime()),
            take(values, "leaf.key", Keys::named, defaults.leafKey()),
            take(values, "leaf.lifetime", Profile::parseLifetime, defaults.leafLifetime()));
    values.forEach((key, node) -> complain(node, key, "there is no such key in a profile"));
    if (!problems.isEmpty()) {
      throw new ProfileException(problems);
    }
    return profile;
  }

  private Node compose() {
    LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
    try {
      return new Compose(settings)
          .composeString(Files.readString(file))
          .orElseThrow(() -> refused(null, "the profile is empty"));
    } catch (MarkedYamlEngineException e) {
      throw refused(e.getProblemMark().orElse(null), "not YAML: " + e.getProblem());
    } catch (IOException e) {
      throw StateException.cannotRead(file, e);
    }
  }

  /** Turns the two levels of a profile into {@code section.key}; values are all scalars. */
  private Map<String, ScalarNode> flatten(Node root) {
    Map<String, ScalarNode> values = new LinkedHashMap<>();
    for (Map.Entry<String, Node> entry : entries("", root).entrySet()) {
      if (entry.getValue() instanceof ScalarNode scalar) {
        values.put(entry.getKey(), scalar);
        continue;
      }
      entries(entry.getKey(), entry.getValue())
          .forEach(
              (key, node) -> {
                if (node instanceof ScalarNode scalar) {
                  values.put(key, scalar);
                } else {
                  complain(node, key, "must be a single value");
                }
              });
    }
    return values;
  }

  private Map<String, Node> entries(String section, Node node) {
    Map<String, Node> entries = new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping)) {
      complain(node, section, "must be a mapping");
      return entries;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      String path = section.isEmpty() ? key : section + "." + key;
      if (entries.put(path, tuple.getValueNode()) != null) {
        complain(tuple.getKeyNode(), path, "stands here twice");
      }
    }
    return entries;
  }

  private void requireValue(Map<String, ScalarNode> values, String key, String expected) {
    ScalarNode node = values.remove(key);
    if (node == null) {
      problems.add(problem(null, key, "is missing; it must be " + expected));
    } else if (!node.getValue().equals(expected)) {
      complain(node, key, "must be " + expected);
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
      complain(node, key, e.getMessage());
      return fallback;
    }
  }

  private void complain(Node node, String path, String message) {
    problems.add(problem(node.getStartMark().orElse(null), path, message));
  }

  private ProfileException refused(Mark mark, String message) {
    return new ProfileException(List.of(problem(mark, "", message)));
  }

  private Problem problem(Mark mark, String path, String message) {
    int line = mark == null ? 1 : mark.getLine() + 1;
    int column = mark == null ? 1 : mark.getColumn() + 1;
    return new Problem(file.toString(), line, column, path, message);
  }
}
