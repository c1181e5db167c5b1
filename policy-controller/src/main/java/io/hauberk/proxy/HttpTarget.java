// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request is for: the four forms of its target, as pseudo headers and back. */
final class HttpTarget {
  private static final Pattern ABSOLUTE = Pattern.compile("(?i)(https?)://([^/?#]+)(/.*)?");
  private static final int PATH = 3;

  private HttpTarget() {}

  static boolean isAbsolute(String target) {
    return ABSOLUTE.matcher(target).matches();
  }

  /** The map of a request: pseudo headers, then its fields but for Host. */
  static List<Header> headers(HttpHead head, String scheme) {
    List<Header> headers = new ArrayList<>();
    headers.add(new Header(":method", head.first()));
    List<String> hosts = head.values("host");
    Matcher absolute = ABSOLUTE.matcher(head.second());
    if (head.first().equals("CONNECT")) {
      headers.add(new Header(":authority", head.second()));
    } else if (absolute.matches()) {
      String path = absolute.group(PATH);
      headers.add(new Header(":path", path == null ? "/" : path));
      headers.add(new Header(":authority", absolute.group(2)));
      if (!hosts.isEmpty() && !hosts.get(0).equalsIgnoreCase(absolute.group(2))) {
        throw new HttpFault(HttpText.BAD_REQUEST, "Host is not the target's");
      }
    } else {
      headers.add(new Header(":path", head.second()));
      hosts.forEach(host -> headers.add(new Header(":authority", host)));
    }
    headers.add(new Header(":scheme", scheme));
    head.fields().stream().filter(field -> !field.isNamed("host")).forEach(headers::add);
    return headers;
  }

  /** The target again, in the form that it came in. */
  static String target(HttpHead head, HeaderMap map) {
    String authority = map.get(":authority").orElse("");
    if (head.first().equals("CONNECT")) {
      return authority;
    }
    String path = map.get(":path").orElse("");
    Matcher absolute = ABSOLUTE.matcher(head.second());
    return absolute.matches() ? absolute.group(1) + "://" + authority + path : path;
  }
}
