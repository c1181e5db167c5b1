// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one YAML document into nodes with positions.
 *
 * <p>Aliases, tags and further documents are refused: a rule-set needs none of them, and an alias
 * can make a small file a huge one.
 */
final class YamlReader {
  private static final int DEPTH_MAX = 32;

  private final ScalarResolver resolver = new CoreSchema().getScalarResolver();
  private final Problems problems;
  private Iterator<Event> events;

  YamlReader(Problems problems) {
    this.problems = problems;
  }

  /** The document, or nothing if it is not even YAML; then a problem says why. */
  Optional<Node> read(String text) {
    LoadSettings settings =
        LoadSettings.builder().setUseMarks(true).setLabel(problems.file()).build();
    try {
      events = new Parse(settings).parseString(text).iterator();
      return document();
    } catch (MarkedYamlEngineException e) {
      problems.add(position(e.getProblemMark()), "", "not YAML: " + sentence(e));
    } catch (YamlEngineException e) {
      problems.add(
          Position.START, "", "not YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
    return Optional.empty();
  }

  private static String sentence(MarkedYamlEngineException e) {
    return Optional.ofNullable(e.getProblem())
        .or(() -> Optional.ofNullable(e.getContext()))
        .orElse("");
  }

  private Optional<Node> document() {
    Optional<Node> root = Optional.empty();
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof DocumentStartEvent && root.isPresent()) {
        problems.add(position(event), "", "a second document is not allowed");
        return root;
      }
      if (event instanceof NodeEvent) {
        root = Optional.of(node(event, "", 0));
      } else if (event instanceof DocumentEndEvent && root.isEmpty()) {
        return root;
      }
    }
    if (root.isEmpty()) {
      problems.add(Position.START, "", "the file is empty");
    }
    return root;
  }

  private Node node(Event event, String path, int depth) {
    if (depth > DEPTH_MAX) {
      throw new TooDeepException(event.getStartMark());
    }
    if (event instanceof NodeEvent nodeEvent && nodeEvent.getAnchor().isPresent()) {
      refuseAnchor(event, path);
    }
    if (event instanceof MappingStartEvent start) {
      refuseTag(start.getTag(), event, path);
      return mapping(position(event), path, depth);
    }
    if (event instanceof SequenceStartEvent start) {
      refuseTag(start.getTag(), event, path);
      return sequence(position(event), path, depth);
    }
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), event, path);
      return scalar(scalar);
    }
    return new Node.Refused(position(event));
  }

  private void refuseAnchor(Event event, String path) {
    String what = event instanceof AliasEvent ? "aliases (*name)" : "anchors (&name)";
    problems.add(position(event), path, "YAML " + what + " are not supported: write the value out");
  }

  private void refuseTag(Optional<String> tag, Event event, String path) {
    tag.ifPresent(
        name -> problems.add(position(event), path, "YAML tags (" + name + ") are not supported"));
  }

  private Node.Sequence sequence(Position position, String path, int depth) {
    List<Node> items = new ArrayList<>();
    for (Event event = events.next(); event instanceof NodeEvent; event = events.next()) {
      items.add(node(event, path + "[" + items.size() + "]", depth + 1));
    }
    return new Node.Sequence(position, items);
  }

  private Node.Mapping mapping(Position position, String path, int depth) {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    for (Event event = events.next(); event instanceof NodeEvent; event = events.next()) {
      Optional<String> plainKey = key(event, path, depth);
      String key = plainKey.orElse("?");
      String valuePath = path.isEmpty() ? key : path + "." + key;
      Node value = node(events.next(), valuePath, depth + 1);
      if (plainKey.isEmpty()) {
        continue;
      }
      Node.Entry first = entries.putIfAbsent(key, new Node.Entry(position(event), key, value));
      if (first != null) {
        problems.add(
            position(event),
            valuePath,
            "the key '"
                + key
                + "' is here twice; the first one is in line "
                + first.position().line());
      }
    }
    return new Node.Mapping(position, List.copyOf(entries.values()));
  }

  private Optional<String> key(Event event, String path, int depth) {
    if (node(event, path, depth + 1) instanceof Node.Scalar scalar) {
      return Optional.of(scalar.text());
    }
    problems.add(position(event), path, "a key must be a plain word");
    return Optional.empty();
  }

  private Node.Scalar scalar(ScalarEvent event) {
    String text = event.getValue();
    Object value = event.isPlain() ? plain(text) : text;
    return new Node.Scalar(position(event), value, text);
  }

  private Object plain(String text) {
    Tag tag = resolver.resolve(text, true);
    if (tag.equals(Tag.NULL)) {
      return null;
    }
    if (tag.equals(Tag.BOOL)) {
      return Boolean.valueOf(text);
    }
    if (tag.equals(Tag.INT) && text.matches("[-+]?[0-9]+")) {
      BigInteger number = new BigInteger(text);
      return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number.doubleValue();
    }
    if (tag.equals(Tag.FLOAT) && text.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?")) {
      return Double.valueOf(text);
    }
    return text;
  }

  private static Position position(Event event) {
    return position(event.getStartMark());
  }

  private static Position position(Optional<Mark> mark) {
    return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(Position.START);
  }

  /** Stops the descent before the stack does. */
  private static final class TooDeepException extends MarkedYamlEngineException {
    TooDeepException(Optional<Mark> mark) {
      super(null, Optional.empty(), "nested more than " + DEPTH_MAX + " levels deep", mark, null);
    }
  }
}
