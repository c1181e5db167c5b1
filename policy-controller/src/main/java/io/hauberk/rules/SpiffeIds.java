// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The forms of SPIFFE ids and of the patterns that allow peers, as the kernel checks them again.
 */
final class SpiffeIds {
  private static final String SCHEME = "spiffe://";
  private static final String DNS = "dns:";
  private static final String BELOW = "/*";
  private static final int DNS_NAME_MAX = 253;

  private static final Pattern DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern ID = Pattern.compile("spiffe://([^/]*)(/.*)?", Pattern.DOTALL);
  private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
  private static final Pattern DNS_NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
  private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?[0-9]+", Pattern.DOTALL);

  private SpiffeIds() {}

  /** What is wrong with a workload's id; empty if nothing is. */
  static Optional<String> faultOfId(String id) {
    return fault(id, false);
  }

  /** What is wrong with a pattern of peers; empty if nothing is. */
  static Optional<String> faultOfPattern(String pattern) {
    if (pattern.startsWith(DNS)) {
      return faultOfDnsName(pattern.substring(DNS.length()));
    }
    if (!pattern.startsWith(SCHEME)) {
      return Optional.of(
          "expected spiffe://DOMAIN/PATH, spiffe://DOMAIN/PATH/* or dns:NAME, found '"
              + pattern
              + "'");
    }
    return pattern.endsWith(BELOW)
        ? fault(pattern.substring(0, pattern.length() - BELOW.length()), true)
        : fault(pattern, false);
  }

  /** What is wrong with a name that has no wildcard; empty if nothing is. */
  static Optional<String> faultOfDnsName(String name) {
    if (name.length() > DNS_NAME_MAX || !DNS_NAME.matcher(name).matches()) {
      return Optional.of("'" + name + "' is not a DNS name");
    }
    return NUMERIC.matcher(name).matches()
        ? Optional.of("'" + name + "' ends in a number: it is an address, not a DNS name")
        : Optional.empty();
  }

  /** The trust domain of a SPIFFE id or pattern; empty for a pattern of DNS names. */
  static Optional<String> domain(String pattern) {
    Matcher matcher = ID.matcher(pattern);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static Optional<String> fault(String id, boolean pathOptional) {
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()) {
      return Optional.of("expected spiffe://DOMAIN/PATH, found '" + id + "'");
    }
    if (!DOMAIN.matcher(matcher.group(1)).matches()) {
      return Optional.of(
          "'"
              + matcher.group(1)
              + "' is not a trust domain: lower-case letters, digits, dots, dashes and"
              + " underscores");
    }
    if (matcher.group(2) == null) {
      return pathOptional
          ? Optional.empty()
          : Optional.of("'" + id + "' has no path, and only a path names a workload");
    }
    return faultOfPath(matcher.group(2));
  }

  private static Optional<String> faultOfPath(String path) {
    for (String segment : path.substring(1).split("/", -1)) {
      if (segment.isEmpty()) {
        return Optional.of("the path '" + path + "' has an empty segment");
      }
      if (segment.equals("*")) {
        return Optional.of("the path '" + path + "' has a * that is not its end");
      }
      if (segment.equals(".") || segment.equals("..") || !SEGMENT.matcher(segment).matches()) {
        return Optional.of("'" + segment + "' is not a path segment of a SPIFFE id");
      }
    }
    return Optional.empty();
  }
}
