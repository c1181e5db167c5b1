// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.HauberkException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes the decision table that the kernel verifies and matches with; {@code
 * kmod/include/uapi/hauberk.h} defines its layout.
 */
final class TableWriter {
  static final int TABLE_MAX = 4_194_304;

  private static final int MAGIC = 0x544b4248;
  private static final short VERSION = 2;
  private static final int STRING_NONE = 0xffffffff;
  private static final int ALIGN = 8;
  private static final int RULE_LENGTH = 88;
  private static final int SPAN_LENGTH = 16;
  private static final int RANGE_LENGTH = 8;
  private static final int CIDR_LENGTH = 24;
  private static final int CIDR_RESERVED = 7;

  /** The sections in the order of {@code enum hbk_section}. */
  private enum Section {
    RULES,
    SPANS,
    CANDIDATES,
    PORTS,
    CIDRS,
    IDS,
    NUMBERS,
    REFS,
    STRINGS
  }

  private static final int HEADER_LENGTH = 16 + Section.values().length * 8;

  private final List<ResolvedRule> rules;
  private final Map<FilterUse, String> filters;
  private final Map<Section, TableSection> sections = new EnumMap<>(Section.class);
  private final Map<String, Integer> pool = new HashMap<>();
  private int inboundSpans;

  /**
   * The rules stand in the order of precedence.
   *
   * @param filters what the kernel calls each use of a filter
   */
  TableWriter(List<ResolvedRule> rules, Map<FilterUse, String> filters) {
    this.rules = rules;
    this.filters = filters;
    for (Section section : Section.values()) {
      sections.put(section, new TableSection());
    }
  }

  /**
   * The table.
   *
   * @throws TooLongException if the kernel would not take one as long
   */
  byte[] write() {
    // The names come first, so that their references ascend with the rules.
    rules.forEach(rule -> string(rule.rule().name()));
    rules.forEach(this::rule);
    spans(Direction.INBOUND);
    inboundSpans = sections.get(Section.SPANS).count();
    spans(Direction.OUTBOUND);
    return joined();
  }

  private void rule(ResolvedRule resolved) {
    Rule rule = resolved.rule();
    ByteBuffer out =
        sections
            .get(Section.RULES)
            .record(RULE_LENGTH)
            .putInt(string(rule.name()))
            .put((byte) rule.match().direction().code())
            .put((byte) rule.action().code())
            .put((byte) rule.onTls().code())
            .put((byte) 0)
            .putInt(rule.identity().map(this::string).orElse(STRING_NONE))
            .putInt(rule.serverName().map(this::string).orElse(STRING_NONE));
    slice(out, Section.PORTS, resolved.ports(), this::range);
    slice(out, Section.CIDRS, resolved.cidrs(), this::cidr);
    slice(out, Section.IDS, resolved.uids(), this::range);
    slice(out, Section.IDS, resolved.gids(), this::range);
    slice(out, Section.REFS, resolved.comms(), this::reference);
    slice(out, Section.NUMBERS, resolved.cgroups(), this::number);
    slice(out, Section.NUMBERS, resolved.netns(), this::number);
    slice(out, Section.REFS, rule.peers(), this::reference);
    slice(out, Section.REFS, rule.filters().stream().map(filters::get).toList(), this::reference);
  }

  /** Puts one record into a section. */
  private interface Putter<T> {
    void put(TableSection section, T value);
  }

  private <T> void slice(ByteBuffer out, Section section, List<T> values, Putter<T> putter) {
    TableSection records = sections.get(section);
    out.putInt(values.isEmpty() ? 0 : records.count()).putInt(values.size());
    values.forEach(value -> putter.put(records, value));
  }

  private void range(TableSection section, Range range) {
    section.record(RANGE_LENGTH).putInt((int) range.low()).putInt((int) range.high());
  }

  private void cidr(TableSection section, Cidr cidr) {
    section
        .record(CIDR_LENGTH)
        .put(cidr.address())
        .put((byte) cidr.prefix())
        .put(new byte[CIDR_RESERVED]);
  }

  private void number(TableSection section, long number) {
    section.record(Long.BYTES).putLong(number);
  }

  private void reference(TableSection section, String string) {
    section.record(Integer.BYTES).putInt(string(string));
  }

  private int string(String string) {
    return pool.computeIfAbsent(
        string,
        s -> {
          TableSection strings = sections.get(Section.STRINGS);
          int offset = strings.count();
          strings.text((s + "\0").getBytes(StandardCharsets.UTF_8));
          return offset;
        });
  }

  /**
   * Cuts the ports of a direction where a rule begins or ends; between cuts the rules are the same.
   */
  private void spans(Direction direction) {
    TreeMap<Long, TreeSet<Integer>> cuts = new TreeMap<>();
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).rule().match().direction() == direction) {
        for (Range range : rules.get(i).ports()) {
          cuts.computeIfAbsent(range.low(), low -> new TreeSet<>()).add(i);
          cuts.computeIfAbsent(range.high() + 1, high -> new TreeSet<>()).add(i);
        }
      }
    }
    TreeSet<Integer> active = new TreeSet<>();
    cuts.forEach(
        (cut, changed) -> {
          // The ranges of a rule never touch, so at a cut it either begins or ends.
          changed.forEach(
              rule -> {
                if (!active.remove(rule)) {
                  active.add(rule);
                }
              });
          if (!active.isEmpty()) {
            span(cut, cuts.higherKey(cut) - 1, active);
          }
        });
  }

  private void span(long low, long high, TreeSet<Integer> active) {
    TableSection candidates = sections.get(Section.CANDIDATES);
    sections
        .get(Section.SPANS)
        .record(SPAN_LENGTH)
        .putInt((int) low)
        .putInt((int) high)
        .putInt(candidates.count())
        .putInt(active.size());
    if ((candidates.count() + active.size()) * Integer.BYTES > TABLE_MAX) {
      throw new TooLongException();
    }
    active.forEach(rule -> candidates.record(Integer.BYTES).putInt(rule));
  }

  private byte[] joined() {
    ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(MAGIC).putShort(VERSION).putShort((short) HEADER_LENGTH);
    int[] offsets = new int[Section.values().length];
    int length = HEADER_LENGTH;
    for (Section section : Section.values()) {
      length += -length & (ALIGN - 1);
      offsets[section.ordinal()] = length;
      length += sections.get(section).bytes().length;
    }
    if (length > TABLE_MAX) {
      throw new TooLongException();
    }
    header.putInt(length).putInt(inboundSpans);
    byte[] table = new byte[length];
    for (Section section : Section.values()) {
      byte[] bytes = sections.get(section).bytes();
      header.putInt(offsets[section.ordinal()]).putInt(sections.get(section).count());
      System.arraycopy(bytes, 0, table, offsets[section.ordinal()], bytes.length);
    }
    System.arraycopy(header.array(), 0, table, 0, HEADER_LENGTH);
    return table;
  }

  /** The rules make a table that is longer than the kernel takes. */
  static final class TooLongException extends HauberkException {
    TooLongException() {
      super("the table of these rules would be longer than " + TABLE_MAX + " bytes");
    }
  }
}
