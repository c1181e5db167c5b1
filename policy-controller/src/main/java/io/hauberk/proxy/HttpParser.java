// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads heads of HTTP/1.1, strictly: what could be understood in two ways is refused. */
final class HttpParser {
  private static final int HEAD_MAX = 65536;
  private static final int LINE_END = 2;
  private static final int PARTS = 3;
  private static final String HEAD_END = "\r\n\r\n";

  private HttpParser() {}

  /** Takes the head of a request, once it is there. */
  static Optional<HttpHead> request(ByteQueue in) {
    if (Bytes.text(in.bytes()).startsWith("\r\n")) {
      in.take(LINE_END);
    }
    Optional<HttpHead> found = head(in, HttpText.FIELDS_TOO_LARGE);
    found.ifPresent(HttpParser::checkRequest);
    return found;
  }

  /** Takes the head of a response, once it is there. */
  static Optional<HttpHead> response(ByteQueue in) {
    Optional<HttpHead> found = head(in, HttpText.BAD_GATEWAY);
    found.ifPresent(HttpParser::checkResponse);
    return found;
  }

  private static Optional<HttpHead> head(ByteQueue in, int tooLarge) {
    String text = Bytes.text(in.bytes());
    int end = text.indexOf(HEAD_END);
    String lines = end < 0 ? text : text.substring(0, end + HEAD_END.length());
    checkLines(lines);
    if (lines.length() > HEAD_MAX) {
      throw new HttpFault(tooLarge, "the head is too long");
    }
    if (end < 0) {
      return Optional.empty();
    }
    byte[] raw = in.take(lines.length());
    List<String> all = List.of(lines.substring(0, end).split("\r\n", -1));
    String[] start = all.get(0).split(" ", PARTS);
    if (start.length < PARTS) {
      throw bad("the first line has no three parts");
    }
    return Optional.of(
        new HttpHead(start[0], start[1], start[2], fields(all.subList(1, all.size())), raw));
  }

  /** Every line ends with both, CR and LF; neither stands alone. */
  static void checkLines(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean alone =
          c == '\n' && (i == 0 || text.charAt(i - 1) != '\r')
              || c == '\r' && i + 1 < text.length() && text.charAt(i + 1) != '\n';
      if (alone || c == 0) {
        throw bad("CR or LF alone, or NUL");
      }
    }
  }

  static List<Header> fields(List<String> lines) {
    List<Header> fields = new ArrayList<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon);
      String value = HttpText.trim(line.substring(colon + 1));
      if (!HttpText.isToken(name) || !HttpText.isValue(value)) {
        throw bad("not a field: " + line);
      }
      fields.add(new Header(name, value));
    }
    if (fields.size() > Pairs.COUNT_MAX) {
      throw new HttpFault(HttpText.FIELDS_TOO_LARGE, "too many fields");
    }
    return fields;
  }

  private static HttpFault bad(String message) {
    return new HttpFault(HttpText.BAD_REQUEST, message);
  }

  private static void checkRequest(HttpHead head) {
    if (!HttpText.isToken(head.first()) || !HttpText.isTarget(head.second())) {
      throw bad("not a method and a target");
    }
    checkVersion(head.third());
    checkTarget(head);
    List<String> hosts = head.values("host");
    if (hosts.size() > 1 || hosts.isEmpty() && head.third().equals("HTTP/1.1")) {
      throw bad("not exactly one Host");
    }
    if (!hosts.stream().allMatch(HttpText::isAuthority)) {
      throw bad("not a Host");
    }
    if (head.first().equals("CONNECT")) {
      checkConnect(head, hosts);
    }
  }

  private static void checkConnect(HttpHead head, List<String> hosts) {
    if (!hosts.stream().allMatch(head.second()::equalsIgnoreCase)) {
      throw bad("Host is not the target's");
    }
    if (!head.values("content-length").isEmpty() || !head.values("transfer-encoding").isEmpty()) {
      throw bad("CONNECT with a body");
    }
  }

  private static void checkVersion(String version) {
    if (!version.matches("HTTP/[0-9]\\.[0-9]")) {
      throw bad("not a version");
    }
    if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
      throw new HttpFault(HttpText.VERSION_NOT_SUPPORTED, "neither HTTP/1.1 nor HTTP/1.0");
    }
  }

  private static void checkTarget(HttpHead head) {
    String target = head.second();
    boolean fits =
        head.first().equals("CONNECT")
            ? target.matches("[^/?#@]+:[0-9]+")
            : target.startsWith("/")
                || target.equals("*") && head.first().equals("OPTIONS")
                || HttpTarget.isAbsolute(target);
    if (!fits || target.indexOf('#') >= 0) {
      throw bad("not a target");
    }
  }

  private static void checkResponse(HttpHead head) {
    checkVersion(head.first());
    if (!head.second().matches("[1-9][0-9][0-9]") || !HttpText.isValue(head.third())) {
      throw bad("not a status");
    }
  }

  /** A whole response, with no head before it; nothing if it is none. */
  static Optional<CallAnswer> answer(byte[] bytes) {
    ByteQueue in = new ByteQueue(bytes);
    try {
      Optional<HttpHead> head = response(in);
      while (head.isPresent() && head.get().isInformational()) {
        head = response(in);
      }
      if (head.isEmpty()) {
        return Optional.empty();
      }
      HttpBody body = HttpBody.ofResponse(head.get(), "GET");
      byte[] content = body.read(in, true);
      HeaderMap headers = new HeaderMap(HeaderMap.Kind.RESPONSE, responseHeaders(head.get()));
      HeaderMap trailers = new HeaderMap(HeaderMap.Kind.TRAILERS, body.trailers());
      return body.isEnded()
          ? Optional.of(new CallAnswer(head.get().status(), "", headers, content, trailers))
          : Optional.empty();
    } catch (HttpFault e) {
      return Optional.empty();
    }
  }

  static List<Header> responseHeaders(HttpHead head) {
    List<Header> headers = new ArrayList<>();
    headers.add(new Header(":status", head.second()));
    headers.addAll(head.fields());
    return headers;
  }
}
