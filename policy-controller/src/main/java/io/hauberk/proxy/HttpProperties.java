// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** What is known of an exchange, by the names that Envoy has for it. */
final class HttpProperties {
  private static final String REQUEST_HEADERS = "request.headers.";
  private static final String RESPONSE_HEADERS = "response.headers.";

  private HttpProperties() {}

  /** A property of a request that was told to the filter, or of a response if it was. */
  static Optional<byte[]> of(String path, HttpSide request, HttpSide response) {
    if (path.equals("request.size") && request.isTold()) {
      return Optional.of(number(request.size()));
    }
    if (path.startsWith("request.") && request.isTold()) {
      return ofRequest(path, request).map(Bytes::of);
    }
    if (response == null || !response.isTold()) {
      return Optional.empty();
    }
    if (path.startsWith(RESPONSE_HEADERS)) {
      return response.map().get(path.substring(RESPONSE_HEADERS.length())).map(Bytes::of);
    }
    if (path.equals("response.size")) {
      return Optional.of(number(response.size()));
    }
    return path.equals("response.code")
        ? response.map().get(":status").map(status -> number(Long.parseLong(status)))
        : Optional.empty();
  }

  private static Optional<String> ofRequest(String path, HttpSide request) {
    HeaderMap map = request.map();
    if (path.startsWith(REQUEST_HEADERS)) {
      return map.get(path.substring(REQUEST_HEADERS.length()));
    }
    return switch (path) {
      case "request.path" -> map.get(":path");
      case "request.url_path" -> map.get(":path").map(p -> p.replaceFirst("\\?.*", ""));
      case "request.query" ->
          map.get(":path").map(p -> p.contains("?") ? p.substring(p.indexOf('?') + 1) : "");
      case "request.host" -> map.get(":authority");
      case "request.scheme" -> map.get(":scheme");
      case "request.method" -> map.get(":method");
      case "request.protocol" -> Optional.of(request.head().third());
      case "request.referer" -> map.get("referer");
      case "request.useragent" -> map.get("user-agent");
      default -> Optional.empty();
    };
  }

  /** An integer as guests read it. */
  static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }
}
