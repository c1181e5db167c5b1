// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.Map;

/** Which characters stand where in HTTP/1.1, and what its statuses are called. */
final class HttpText {
  static final int BAD_REQUEST = 400;
  static final int CONTENT_TOO_LARGE = 413;
  static final int URI_TOO_LONG = 414;
  static final int FIELDS_TOO_LARGE = 431;
  static final int NOT_IMPLEMENTED = 501;
  static final int BAD_GATEWAY = 502;
  static final int VERSION_NOT_SUPPORTED = 505;

  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
  private static final int DELETE = 0x7f;

  private static final Map<Integer, String> REASONS =
      Map.ofEntries(
          Map.entry(200, "OK"),
          Map.entry(201, "Created"),
          Map.entry(202, "Accepted"),
          Map.entry(203, "Non-Authoritative Information"),
          Map.entry(204, "No Content"),
          Map.entry(205, "Reset Content"),
          Map.entry(206, "Partial Content"),
          Map.entry(300, "Multiple Choices"),
          Map.entry(301, "Moved Permanently"),
          Map.entry(302, "Found"),
          Map.entry(303, "See Other"),
          Map.entry(304, "Not Modified"),
          Map.entry(307, "Temporary Redirect"),
          Map.entry(308, "Permanent Redirect"),
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(402, "Payment Required"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(406, "Not Acceptable"),
          Map.entry(407, "Proxy Authentication Required"),
          Map.entry(408, "Request Timeout"),
          Map.entry(409, "Conflict"),
          Map.entry(410, "Gone"),
          Map.entry(411, "Length Required"),
          Map.entry(412, "Precondition Failed"),
          Map.entry(413, "Content Too Large"),
          Map.entry(414, "URI Too Long"),
          Map.entry(415, "Unsupported Media Type"),
          Map.entry(416, "Range Not Satisfiable"),
          Map.entry(417, "Expectation Failed"),
          Map.entry(421, "Misdirected Request"),
          Map.entry(422, "Unprocessable Content"),
          Map.entry(426, "Upgrade Required"),
          Map.entry(428, "Precondition Required"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(431, "Request Header Fields Too Large"),
          Map.entry(451, "Unavailable For Legal Reasons"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(501, "Not Implemented"),
          Map.entry(502, "Bad Gateway"),
          Map.entry(503, "Service Unavailable"),
          Map.entry(504, "Gateway Timeout"),
          Map.entry(505, "HTTP Version Not Supported"),
          Map.entry(511, "Network Authentication Required"));

  private HttpText() {}

  static String reason(int status) {
    return REASONS.getOrDefault(status, "Unknown");
  }

  static boolean isToken(String text) {
    return !text.isEmpty() && text.chars().allMatch(HttpText::isTokenCharacter);
  }

  private static boolean isTokenCharacter(int c) {
    return c >= '0' && c <= '9'
        || c >= 'A' && c <= 'Z'
        || c >= 'a' && c <= 'z'
        || TOKEN_MARKS.indexOf(c) >= 0;
  }

  /** Whether a field may have this value. */
  static boolean isValue(String text) {
    return text.chars().allMatch(c -> c == '\t' || !isControl(c));
  }

  /** Whether this may be a request's target. */
  static boolean isTarget(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < DELETE);
  }

  /** Whether this may be a host, perhaps with a port; empty is one. */
  static boolean isAuthority(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < DELETE && "/?#@,".indexOf(c) < 0);
  }

  private static boolean isControl(int c) {
    return c < ' ' || c == DELETE;
  }

  static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Without the spaces and tabs at both ends. */
  static String trim(String text) {
    return text.replaceFirst("^[ \t]+", "").replaceFirst("[ \t]+$", "");
  }
}
