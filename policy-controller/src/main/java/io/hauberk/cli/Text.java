// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.wasm.Guest;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How numbers, times and addresses are shown to a person. */
final class Text {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
  private static final int UNIT = 1024;
  private static final int THOUSAND = 1000;

  private Text() {}

  /** {@code 1 rule}, {@code 2 rules}, {@code 2 identities}. */
  static String count(long number, String noun) {
    if (number == 1) {
      return "1 " + noun;
    }
    boolean y = noun.endsWith("y");
    return number + " " + (y ? noun.substring(0, noun.length() - 1) + "ies" : noun + "s");
  }

  static String bytes(long number) {
    double shown = number;
    int unit = 0;
    while (shown >= UNIT && unit < UNITS.length - 1) {
      shown /= UNIT;
      unit++;
    }
    return unit == 0 ? number + " B" : String.format(Locale.ROOT, "%.1f %s", shown, UNITS[unit]);
  }

  /** The two largest units of a time span: {@code 3s}, {@code 2m5s}, {@code 1d4h}. */
  static String span(Duration span) {
    long seconds = Math.max(0, span.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m" + seconds % 60 + "s";
    }
    if (seconds < 86_400) {
      return seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
    }
    return seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
  }

  static String address(InetSocketAddress address) {
    String host = host(address);
    return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host)
        + ":"
        + address.getPort();
  }

  static String host(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address ipv6
        ? ipv6(ipv6.getAddress())
        : address.getAddress().getHostAddress();
  }

  /** The form of RFC 5952, which Java does not know: the longest run of zero groups is "::". */
  private static String ipv6(byte[] address) {
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < address.length; i += 2) {
      groups.add(Integer.toHexString((address[i] & 0xff) << 8 | address[i + 1] & 0xff));
    }
    int start = 0;
    int length = 1; // a single zero group stays
    for (int i = 0; i < groups.size(); i++) {
      int end = i;
      while (end < groups.size() && groups.get(end).equals("0")) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    return length == 1
        ? String.join(":", groups)
        : String.join(":", groups.subList(0, start))
            + "::"
            + String.join(":", groups.subList(start + length, groups.size()));
  }

  /** A time as JSON and tables show it; empty where the kernel does not know it. */
  static String time(Instant time) {
    return time.equals(Instant.EPOCH) ? "" : time.toString();
  }

  /** What came from elsewhere, without what would move a terminal's cursor. */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (Character.isISOControl(point) || Character.getType(point) == Character.FORMAT) {
                shown.append(String.format("\\u{%x}", point));
              } else {
                shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }

  /** A short time: {@code 850 ns}, {@code 12.3 us}, {@code 4.6 ms}, {@code 2.1 s}. */
  static String time(Duration duration) {
    String[] units = {"ns", "us", "ms", "s"};
    double shown = duration.toNanos();
    int unit = 0;
    while (shown >= THOUSAND && unit < units.length - 1) {
      shown /= THOUSAND;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", shown, units[unit]);
  }

  /** How a guest runs. */
  static String mode(Guest guest) {
    return guest.compiled() ? "compiled" : "interpreted";
  }

  static String process(String comm, long pid) {
    return pid == 0 ? comm : comm + "[" + pid + "]";
  }
}
