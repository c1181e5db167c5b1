// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names with values in their order, pseudo headers first. Names keep their case and are looked up
 * without it; names and values are bytes, one a character.
 *
 * <p>A change that would make it something that HTTP does not allow is refused.
 */
final class HeaderMap {
  private static final String METHOD = ":method";
  private static final String PATH = ":path";
  private static final String AUTHORITY = ":authority";
  private static final String SCHEME = ":scheme";
  private static final String STATUS = ":status";
  private static final String CONNECT = "CONNECT";
  private static final String OPTIONS = "OPTIONS";

  /** The target of a request that is for the server as such: with OPTIONS only. */
  private static final String ANYTHING = "*";

  private static final int STATUS_MIN = 200;
  private static final int STATUS_END = 600;
  private static final int STATUS_DIGITS = 3;

  private final Kind kind;
  private List<Header> headers = new ArrayList<>();
  private boolean changed;

  /** What a map is of, which tells the pseudo headers that it may have, in their order. */
  enum Kind {
    REQUEST(METHOD, PATH, AUTHORITY, SCHEME),
    RESPONSE(STATUS),
    TRAILERS;

    private final List<String> pseudo;

    Kind(String... pseudo) {
      this.pseudo = List.of(pseudo);
    }
  }

  /** A name with a value. */
  record Header(String name, String value) {
    boolean isNamed(String other) {
      return name.equalsIgnoreCase(other);
    }

    boolean isPseudo() {
      return name.startsWith(":");
    }
  }

  HeaderMap(Kind kind) {
    this.kind = kind;
  }

  HeaderMap(Kind kind, List<Header> headers) {
    this.kind = kind;
    this.headers = new ArrayList<>(headers);
  }

  List<Header> headers() {
    return List.copyOf(headers);
  }

  /** Those that are no pseudo headers. */
  List<Header> fields() {
    return headers.stream().filter(header -> !header.isPseudo()).toList();
  }

  int size() {
    return headers.size();
  }

  /** Whether anybody has changed it since it was made. */
  boolean isChanged() {
    return changed;
  }

  Optional<String> get(String name) {
    String sought = resolve(name);
    return headers.stream().filter(h -> h.isNamed(sought)).map(Header::value).findFirst();
  }

  List<String> all(String name) {
    return headers.stream().filter(h -> h.isNamed(name)).map(Header::value).toList();
  }

  /** In a request {@code Host} is the authority. */
  private String resolve(String name) {
    return kind == Kind.REQUEST && name.equalsIgnoreCase("host") ? AUTHORITY : name;
  }

  boolean add(String name, String value) {
    String resolved = resolve(name);
    if (resolved.startsWith(":")) {
      return replace(resolved, value);
    }
    List<Header> next = new ArrayList<>(headers);
    next.add(new Header(resolved, value));
    return become(next);
  }

  /** The first one of that name gets the value, the others go; if there is none, it is added. */
  boolean replace(String name, String value) {
    String resolved = resolve(name);
    List<Header> next = new ArrayList<>();
    boolean found = false;
    for (Header header : headers) {
      if (!header.isNamed(resolved)) {
        next.add(header);
      } else if (!found) {
        next.add(new Header(header.name(), value));
        found = true;
      }
    }
    if (!found) {
      next.add(new Header(resolved, value));
    }
    return become(next);
  }

  boolean remove(String name) {
    String resolved = resolve(name);
    if (!HttpText.isToken(resolved)) {
      return false;
    }
    List<Header> next = new ArrayList<>(headers);
    next.removeIf(h -> h.isNamed(resolved));
    return become(next);
  }

  /** All at once; pseudo headers that are not among them stay as they are. */
  boolean set(List<Header> all) {
    List<Header> next = new ArrayList<>();
    for (Header header : all) {
      String name = resolve(header.name());
      if (name.startsWith(":") && next.stream().anyMatch(h -> h.isNamed(name))) {
        return false;
      }
      next.add(new Header(name, header.value()));
    }
    headers.stream()
        .filter(Header::isPseudo)
        .filter(old -> next.stream().noneMatch(h -> h.isNamed(old.name())))
        .forEach(next::add);
    return become(next);
  }

  private boolean become(List<Header> next) {
    Map<String, String> pseudo = new LinkedHashMap<>();
    kind.pseudo.forEach(
        name ->
            next.stream()
                .filter(h -> h.isNamed(name))
                .findFirst()
                .ifPresent(h -> pseudo.put(name, h.value())));
    List<Header> ordered = new ArrayList<>();
    pseudo.forEach((name, value) -> ordered.add(new Header(name, value)));
    for (Header header : next) {
      if (!header.isPseudo()) {
        ordered.add(header);
      }
    }
    if (ordered.size() != next.size()
        || !ordered.stream().allMatch(this::isAllowed)
        || ANYTHING.equals(pseudo.get(PATH)) && !OPTIONS.equals(pseudo.get(METHOD))
        || !Pairs.fit(ordered)) {
      return false;
    }
    headers = ordered;
    changed = true;
    return true;
  }

  private boolean isAllowed(Header header) {
    String value = header.value();
    return switch (header.name()) {
      case METHOD ->
          HttpText.isToken(value)
              && value.equals(CONNECT) == get(METHOD).equals(Optional.of(CONNECT));
      case PATH ->
          HttpText.isTarget(value)
              && (value.startsWith("/") || get(PATH).equals(Optional.of(value)));
      case STATUS ->
          value.length() == STATUS_DIGITS
              && HttpText.isDigits(value)
              && isStatus(Integer.parseInt(value));
      case AUTHORITY, SCHEME -> HttpText.isValue(value);
      default -> HttpText.isToken(header.name()) && HttpText.isValue(value);
    };
  }

  static boolean isStatus(int status) {
    return status >= STATUS_MIN && status < STATUS_END;
  }
}
