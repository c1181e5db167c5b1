// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** How scripts and traces write bytes: in double quotes, with the escapes of C. */
final class TrialText {
  private static final HexFormat HEX = HexFormat.of();
  private static final String ESCAPED = "nrt\\\"0";
  private static final String MEANT = "\n\r\t\\\"\0";

  private TrialText() {}

  /** A word of a line; quoted ones are bytes, one a character. */
  record Word(String text, boolean quoted) {}

  /** Bytes, one a character, as a string. */
  static String quote(String bytes) {
    StringBuilder text = new StringBuilder(bytes.length() + 2).append('"');
    for (char c : bytes.toCharArray()) {
      int escape = MEANT.indexOf(c);
      if (escape >= 0 && c != 0) {
        text.append('\\').append(ESCAPED.charAt(escape));
      } else if (c < ' ' || c > '~') {
        text.append("\\x").append(HEX.toHexDigits((byte) c));
      } else {
        text.append(c);
      }
    }
    return text.append('"').toString();
  }

  /** The words of a line. */
  static List<Word> words(String line) {
    List<Word> words = new ArrayList<>();
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c == ' ' || c == '\t') {
        at++;
      } else if (c == '"') {
        StringBuilder bytes = new StringBuilder();
        at = unquote(line, at + 1, bytes);
        words.add(new Word(bytes.toString(), true));
      } else {
        int end = at;
        while (end < line.length() && " \t\"".indexOf(line.charAt(end)) < 0) {
          end++;
        }
        words.add(new Word(line.substring(at, end), false));
        at = end;
      }
    }
    return words;
  }

  /** Reads to the closing quote; what comes behind it is where the result points. */
  private static int unquote(String line, int from, StringBuilder bytes) {
    int at = from;
    while (at < line.length() && line.charAt(at) != '"') {
      char c = line.charAt(at++);
      if (c != '\\') {
        bytes.append(c);
        continue;
      }
      char escape = at < line.length() ? line.charAt(at++) : ' ';
      int meant = ESCAPED.indexOf(escape);
      if (meant >= 0) {
        bytes.append(MEANT.charAt(meant));
      } else if (escape == 'x' && at + 2 <= line.length() && isHex(line.substring(at, at + 2))) {
        bytes.append((char) HexFormat.fromHexDigits(line, at, at + 2));
        at += 2;
      } else {
        throw new ProxyException(
            "'\\" + escape + "' is no escape: there are \\xNN \\n \\r \\t \\0 \\\\ \\\"");
      }
    }
    if (at >= line.length()) {
      throw new ProxyException("a string has no closing quote");
    }
    return at + 1;
  }

  private static boolean isHex(String digits) {
    return digits.chars().allMatch(HexFormat::isHexDigit);
  }
}
