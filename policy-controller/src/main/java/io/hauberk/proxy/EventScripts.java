// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.EventScript.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads files of event scripts; docs/filter-kit.md tells what stands in them. */
public final class EventScripts {
  private static final Set<String> FILE = Set.of("module", "scripts");
  private static final Set<String> SCRIPT =
      Set.of("name", "about", "module", "setup", "events", "expect", "forbid");
  private static final Set<String> SETUP =
      Set.of(
          "mode",
          "root",
          "vm_config",
          "plugin_config",
          "on_failure",
          "budget",
          "clock",
          "seed",
          "upstreams",
          "properties");
  private static final Set<String> DATA = Set.of("down", "up");
  private static final Set<String> WITH_WORD = Set.of("close", "advance", "http_timeout");
  private static final Set<String> ALONE = Set.of("start", "open", "tick", "done");
  private static final String NAME = "[A-Za-z0-9_-][A-Za-z0-9._-]*";
  private static final int BYTE_MAX = 0xff;
  private static final int BYTES_MAX = 64 << 20;

  private EventScripts() {}

  /** The scripts of a file. */
  public static List<EventScript> read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new ProxyException(file + " cannot be read: " + e.getMessage(), e);
    } catch (ProxyException e) {
      throw new ProxyException(file + ": " + e.getMessage(), e);
    }
  }

  /** The text form of a script, which expects nothing. */
  public static EventScript ofText(String name, byte[] text) {
    List<Event> events =
        Bytes.text(text)
            .lines()
            .map(line -> new Event(line, new Expectation(line, List.of(), List.of())))
            .toList();
    return new EventScript(
        name, "", List.of(), events, new Expectation(name, List.of(), List.of()));
  }

  static List<EventScript> parse(String yaml) {
    Object root;
    try {
      root =
          new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build())
              .loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw new ProxyException("not YAML: " + e.getMessage(), e);
    }
    Map<?, ?> top = mapping(root, "the file");
    if (!top.containsKey("scripts")) {
      return List.of(script(top, "", "the script"));
    }
    allow(top, FILE, "the file");
    String module = string(top.get("module"), "", "module");
    List<EventScript> scripts = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Object item : list(top.get("scripts"), "scripts")) {
      EventScript script = script(item, module, "scripts[" + scripts.size() + "]");
      if (!names.add(script.name())) {
        throw new ProxyException("two scripts are named " + script.name());
      }
      scripts.add(script);
    }
    return scripts;
  }

  private static EventScript script(Object item, String module, String place) {
    Map<?, ?> script = mapping(item, place);
    String name = string(script.get("name"), "script", place + ".name");
    if (!name.matches(NAME)) {
      throw new ProxyException(place + ".name is of letters, digits, '-', '_' and '.'");
    }
    String where = script.containsKey("name") ? name : place;
    allow(script, SCRIPT, where);
    List<Event> events = new ArrayList<>();
    for (Object event : list(script.get("events"), where + ".events")) {
      events.add(event(event, where + ", event " + (events.size() + 1)));
    }
    return new EventScript(
        name,
        string(script.get("module"), module, where + ".module"),
        setUp(script.get("setup"), where + ".setup"),
        events,
        expectation(script, where));
  }

  private static List<String> setUp(Object value, String where) {
    List<String> lines = new ArrayList<>();
    if (value == null) {
      return lines;
    }
    Map<?, ?> setup = mapping(value, where);
    allow(setup, SETUP, where);
    word(setup, "mode", lines, where);
    for (String key : List.of("root", "vm_config", "plugin_config")) {
      if (setup.containsKey(key)) {
        lines.add(key + " " + TrialText.quote(bytes(setup.get(key), where + "." + key)));
      }
    }
    word(setup, "on_failure", lines, where);
    word(setup, "budget", lines, where);
    word(setup, "clock", lines, where);
    word(setup, "seed", lines, where);
    for (Object upstream : list(setup.get("upstreams"), where + ".upstreams")) {
      lines.add("upstream " + string(upstream, "", where + ".upstreams"));
    }
    if (setup.containsKey("properties")) {
      mapping(setup.get("properties"), where + ".properties")
          .forEach(
              (path, of) ->
                  lines.add(
                      "property "
                          + path
                          + " "
                          + TrialText.quote(bytes(of, where + ".properties." + path))));
    }
    return lines;
  }

  private static void word(Map<?, ?> setup, String key, List<String> lines, String where) {
    if (setup.containsKey(key)) {
      lines.add(key + " " + string(setup.get(key), "", where + "." + key));
    }
  }

  private static Event event(Object item, String where) {
    if (item instanceof String line) {
      return new Event(line, new Expectation(where + " (" + line + ")", List.of(), List.of()));
    }
    Map<?, ?> event = mapping(item, where);
    String line = null;
    for (Map.Entry<?, ?> entry : event.entrySet()) {
      String key = String.valueOf(entry.getKey());
      if (Set.of("end", "expect", "forbid").contains(key)) {
        continue;
      }
      if (line != null) {
        throw new ProxyException(where + " has a second event, '" + key + "'");
      }
      line = line(key, entry.getValue(), where);
    }
    if (line == null) {
      throw new ProxyException(where + " names no event");
    }
    if (Boolean.TRUE.equals(event.get("end"))) {
      line += " end";
    }
    return new Event(line, expectation(event, where + " (" + line.split(" ")[0] + ")"));
  }

  private static String line(String key, Object value, String where) {
    if (DATA.contains(key)) {
      return key + " " + TrialText.quote(bytes(value, where));
    }
    if (WITH_WORD.contains(key) || key.equals("queue")) {
      return key + " " + string(value, "", where);
    }
    if (key.equals("http_response") || key.equals("foreign")) {
      Map<?, ?> given = mapping(value, where);
      allow(given, Set.of("id", "bytes"), where);
      return key
          + " "
          + string(given.get("id"), "", where)
          + " "
          + TrialText.quote(bytes(given.get("bytes"), where));
    }
    if (ALONE.contains(key)) {
      return key;
    }
    throw new ProxyException(where + ": there is no event '" + key + "'");
  }

  private static Expectation expectation(Map<?, ?> of, String where) {
    return new Expectation(
        where, lines(of.get("expect"), where + ".expect"), lines(of.get("forbid"), where));
  }

  private static List<Expectation.Line> lines(Object value, String where) {
    return list(value, where).stream()
        .map(line -> Expectation.Line.of(string(line, "", where)))
        .toList();
  }

  /** A string, {hex: "00 ff"}, {repeat: 3, of: "x"}, or a list of these. */
  private static String bytes(Object value, String where) {
    if (value instanceof List<?> parts) {
      StringBuilder all = new StringBuilder();
      parts.forEach(part -> all.append(bytes(part, where)));
      return all.toString();
    }
    if (!(value instanceof Map<?, ?> made)) {
      return string(value, "", where);
    }
    if (made.keySet().equals(Set.of("hex"))) {
      String digits = string(made.get("hex"), "", where).replaceAll("\\s", "");
      try {
        return Bytes.text(HexFormat.of().parseHex(digits));
      } catch (IllegalArgumentException e) {
        throw new ProxyException(where + ": '" + digits + "' is not hexadecimal", e);
      }
    }
    if (made.keySet().equals(Set.of("repeat", "of"))) {
      String of = bytes(made.get("of"), where);
      if (!(made.get("repeat") instanceof Integer times)
          || times < 0
          || (long) times * of.length() > BYTES_MAX) {
        throw new ProxyException(where + ": repeat is a number that makes no more than 64 MiB");
      }
      return of.repeat(times);
    }
    throw new ProxyException(
        where + ": bytes are a string, {hex: …}, {repeat: N, of: …} or a list");
  }

  private static Map<?, ?> mapping(Object value, String where) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new ProxyException(where + " is not a mapping");
  }

  private static List<?> list(Object value, String where) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw new ProxyException(where + " is not a list");
  }

  private static String string(Object value, String otherwise, String where) {
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Map || value instanceof List) {
      throw new ProxyException(where + " is not a string");
    }
    String text = value.toString();
    if (text.chars().anyMatch(c -> c > BYTE_MAX)) {
      throw new ProxyException(where + ": characters above U+00FF are no bytes; write \\xNN");
    }
    return text;
  }

  private static void allow(Map<?, ?> map, Set<String> keys, String where) {
    for (Object key : map.keySet()) {
      if (!keys.contains(String.valueOf(key))) {
        throw new ProxyException(where + ": there is no key '" + key + "'");
      }
    }
  }
}
