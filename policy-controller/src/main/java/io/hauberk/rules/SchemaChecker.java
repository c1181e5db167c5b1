// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Holds a document against {@code rule-set.schema.json} and tells every mistake with its place.
 *
 * <p>This knows exactly the keywords that the schema uses and refuses any other. It exists beside
 * the general validators, one of which checks this one in the tests, for two reasons: they tell no
 * line and column, and they take seconds to start on a slow machine.
 */
final class SchemaChecker {
  private static final Set<String> KEYWORDS =
      Set.of(
          "$schema",
          "$id",
          "$defs",
          "$ref",
          "title",
          "description",
          "x-expected",
          "type",
          "const",
          "enum",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "minItems",
          "maxItems",
          "minimum",
          "maximum",
          "maxLength",
          "pattern",
          "anyOf");

  private static final String DEFINITIONS = "#/$defs/";

  private final Node.Mapping root;
  private final Map<String, Pattern> patterns = new HashMap<>();
  private final Map<Node.Mapping, Node.Mapping> resolved = new IdentityHashMap<>();

  SchemaChecker(Node.Mapping root) {
    this.root = root;
  }

  /** The schema of rule-sets that lies beside this class. */
  static SchemaChecker ofRuleSet() {
    String resource = "rule-set.schema.json";
    try (InputStream in = SchemaChecker.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      // JSON is YAML.
      Problems problems = new Problems(resource);
      Node schema = new YamlReader(problems).read(text).orElseThrow();
      if (problems.count() > 0 || !(schema instanceof Node.Mapping mapping)) {
        throw new IllegalStateException(problems.found().toString());
      }
      return new SchemaChecker(mapping);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void check(Node document, Problems problems) {
    check(root, document, "", problems);
  }

  private void check(Node.Mapping schema, Node node, String path, Problems problems) {
    if (node instanceof Node.Refused) {
      return;
    }
    Node.Mapping merged = resolved.computeIfAbsent(schema, this::resolve);
    int before = problems.count();
    checkAlternatives(merged, node, path, problems);
    checkConstant(merged, node, path, problems);
    checkType(merged, node, path, problems);
    if (problems.count() > before) {
      return;
    }
    if (node instanceof Node.Mapping mapping) {
      checkMapping(merged, mapping, path, problems);
    } else if (node instanceof Node.Sequence sequence) {
      checkSequence(merged, sequence, path, problems);
    } else if (node instanceof Node.Scalar scalar) {
      checkScalar(merged, scalar, path, problems);
    }
  }

  /** The schema that a reference names, its own keywords before those of the target. */
  private Node.Mapping resolve(Node.Mapping schema) {
    for (Node.Entry entry : schema.entries()) {
      if (!KEYWORDS.contains(entry.key())) {
        throw new IllegalStateException("the schema has the keyword " + entry.key());
      }
    }
    return schema
        .get("$ref")
        .map(
            ref -> {
              String name = text(ref).substring(DEFINITIONS.length());
              Node definitions = root.get("$defs").orElseThrow();
              Node target = ((Node.Mapping) definitions).get(name).orElseThrow();
              List<Node.Entry> entries = new ArrayList<>(schema.entries());
              entries.removeIf(entry -> entry.key().equals("$ref"));
              entries.addAll(resolve((Node.Mapping) target).entries());
              return new Node.Mapping(schema.position(), entries);
            })
        .orElse(schema);
  }

  private void checkAlternatives(Node.Mapping schema, Node node, String path, Problems problems) {
    if (!(schema.get("anyOf").orElse(null) instanceof Node.Sequence alternatives)) {
      return;
    }
    for (Node alternative : alternatives.items()) {
      Problems scratch = new Problems(problems.file());
      check((Node.Mapping) alternative, node, path, scratch);
      if (scratch.count() == 0) {
        return;
      }
    }
    problems.add(node, path, notExpected(schema, node));
  }

  private static void checkConstant(
      Node.Mapping schema, Node node, String path, Problems problems) {
    schema
        .get("const")
        .map(SchemaChecker::text)
        .filter(wanted -> !isText(node, wanted))
        .ifPresent(
            wanted -> problems.add(node, path, "expected '" + wanted + "', found " + node.kind()));
    if (!(schema.get("enum").orElse(null) instanceof Node.Sequence sequence)) {
      return;
    }
    List<String> words = sequence.items().stream().map(SchemaChecker::text).toList();
    if (words.stream().noneMatch(word -> isText(node, word))) {
      String meant = node instanceof Node.Scalar s ? Suggestion.of(s.text(), words) : "";
      problems.add(
          node,
          path,
          "expected one of " + String.join(", ", words) + ", found " + node.kind() + meant);
    }
  }

  private static void checkType(Node.Mapping schema, Node node, String path, Problems problems) {
    schema
        .get("type")
        .map(SchemaChecker::text)
        .filter(type -> !isType(node, type))
        .ifPresent(
            type -> {
              String wanted =
                  schema.get("x-expected").map(SchemaChecker::text).orElse(nameOfType(type));
              problems.add(node, path, "expected " + wanted + ", found " + node.kind());
            });
  }

  private static boolean isType(Node node, String type) {
    return switch (type) {
      case "object" -> node instanceof Node.Mapping;
      case "array" -> node instanceof Node.Sequence;
      case "string" -> node instanceof Node.Scalar s && s.value() instanceof String;
      case "integer" -> node instanceof Node.Scalar s && s.value() instanceof Long;
      default -> throw new IllegalStateException("the schema has the type " + type);
    };
  }

  private static String nameOfType(String type) {
    return switch (type) {
      case "object" -> "a mapping";
      case "array" -> "a list";
      case "integer" -> "a whole number";
      default -> "a text";
    };
  }

  private void checkMapping(
      Node.Mapping schema, Node.Mapping node, String path, Problems problems) {
    Node.Mapping properties =
        (Node.Mapping) schema.get("properties").orElse(new Node.Mapping(Position.START, List.of()));
    List<String> known = properties.entries().stream().map(Node.Entry::key).toList();
    boolean free =
        !schema.get("additionalProperties").map(SchemaChecker::text).orElse("").equals("false");
    for (Node.Entry entry : node.entries()) {
      String child = path.isEmpty() ? entry.key() : path + "." + entry.key();
      Node property = properties.get(entry.key()).orElse(null);
      if (property instanceof Node.Mapping value) {
        check(value, entry.value(), child, problems);
      } else if (!free) {
        problems.add(
            entry.position(),
            child,
            "unknown key '" + entry.key() + "'" + Suggestion.of(entry.key(), known));
      }
    }
    if (schema.get("required").orElse(null) instanceof Node.Sequence required) {
      for (Node item : required.items()) {
        if (node.get(text(item)).isEmpty()) {
          problems.add(node, path, "the key '" + text(item) + "' is missing");
        }
      }
    }
  }

  private void checkSequence(
      Node.Mapping schema, Node.Sequence node, String path, Problems problems) {
    int size = node.items().size();
    if (size < limit(schema, "minItems", 0)) {
      problems.add(node, path, "the list is empty");
    }
    long most = limit(schema, "maxItems", Integer.MAX_VALUE);
    if (size > most) {
      problems.add(node, path, "the list has " + size + " entries, " + most + " are allowed");
      return;
    }
    schema
        .get("items")
        .ifPresent(
            items -> {
              for (int i = 0; i < size; i++) {
                check((Node.Mapping) items, node.items().get(i), path + "[" + i + "]", problems);
              }
            });
  }

  private void checkScalar(Node.Mapping schema, Node.Scalar node, String path, Problems problems) {
    if (node.value() instanceof Long number) {
      long least = limit(schema, "minimum", Long.MIN_VALUE);
      long most = limit(schema, "maximum", Long.MAX_VALUE);
      if (number < least || number > most) {
        problems.add(node, path, number + " is not from " + least + " to " + most);
      }
      return;
    }
    long longest = limit(schema, "maxLength", Integer.MAX_VALUE);
    if (node.text().codePointCount(0, node.text().length()) > longest) {
      problems.add(node, path, "the text is longer than " + longest + " characters");
      return;
    }
    schema
        .get("pattern")
        .map(pattern -> patterns.computeIfAbsent(text(pattern), Pattern::compile))
        .filter(pattern -> !pattern.matcher(node.text()).matches())
        .ifPresent(pattern -> problems.add(node, path, notExpected(schema, node)));
  }

  private static String notExpected(Node.Mapping schema, Node node) {
    String wanted = schema.get("x-expected").map(SchemaChecker::text).orElse("something else");
    return "expected " + wanted + ", found " + node.kind();
  }

  private static long limit(Node.Mapping schema, String keyword, long otherwise) {
    return schema.get(keyword).map(node -> (Long) ((Node.Scalar) node).value()).orElse(otherwise);
  }

  private static boolean isText(Node node, String wanted) {
    return node instanceof Node.Scalar scalar && wanted.equals(scalar.value());
  }

  private static String text(Node node) {
    return ((Node.Scalar) node).text();
  }
}
