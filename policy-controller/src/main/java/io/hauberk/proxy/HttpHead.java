// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.List;

/**
 * The head of a message, as it came.
 *
 * @param first method or version
 * @param second target or status
 * @param third version or reason
 * @param fields all of them
 * @param raw its bytes, with the empty line
 */
record HttpHead(String first, String second, String third, List<Header> fields, byte[] raw) {
  private static final int INFORMATIONAL_END = 200;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;

  /** Whether nobody sent it but we. */
  boolean isOurs() {
    return raw.length == 0;
  }

  /** The values of a field, one for each line. */
  List<String> values(String name) {
    return fields.stream().filter(field -> field.isNamed(name)).map(Header::value).toList();
  }

  /** Whether a field has this among the items of its list. */
  boolean lists(String name, String item) {
    return values(name).stream()
        .flatMap(value -> List.of(value.split(",")).stream())
        .anyMatch(part -> HttpText.trim(part).equalsIgnoreCase(item));
  }

  int status() {
    return Integer.parseInt(second);
  }

  boolean isInformational() {
    return status() < INFORMATIONAL_END;
  }

  /** Whether a response of this status never has a body. */
  boolean isBodiless() {
    return isInformational() || status() == NO_CONTENT || status() == NOT_MODIFIED;
  }
}
