// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import io.hauberk.proxy.HttpBody.Framing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes heads and chunks: a head that nobody has changed as it came. */
final class HttpWriter {
  private static final String LENGTH = "Content-Length";
  private static final String CODING = "Transfer-Encoding";
  private static final String CONNECTION = "Connection";
  private static final int NO_CONTENT = 204;

  private HttpWriter() {}

  /**
   * The head of a message.
   *
   * @param framing how its body goes out
   * @param length of the body, where the framing tells it
   * @param came the body as it came in
   */
  static byte[] head(
      HttpHead head, HeaderMap map, boolean request, Framing framing, long length, HttpBody came) {
    Framing as = came.framing();
    boolean kept =
        framing == as
            && (framing != Framing.LENGTH
                || head.values(LENGTH).equals(List.of(Long.toString(length))));
    if (kept && !map.isChanged() && !head.isOurs()) {
      return head.raw();
    }
    List<Header> fields = new ArrayList<>(map.fields());
    frame(fields, request, framing, length, came);
    boolean changed = !request && !map.get(":status").equals(Optional.of(head.second()));
    if (!request && (head.isOurs() || changed) && status(map) == NO_CONTENT) {
      remove(fields, LENGTH);
    }
    StringBuilder text = new StringBuilder();
    if (request) {
      text.append(map.get(":method").orElse(head.first()))
          .append(' ')
          .append(HttpTarget.target(head, map))
          .append(' ')
          .append(head.third());
      addHost(fields, head, map);
    } else {
      String status = map.get(":status").orElse(head.second());
      text.append(head.first()).append(' ').append(status).append(' ').append(reason(head, status));
    }
    text.append("\r\n");
    fields.forEach(
        field -> text.append(field.name()).append(": ").append(field.value()).append("\r\n"));
    return Bytes.of(text.append("\r\n").toString());
  }

  private static int status(HeaderMap map) {
    return map.get(":status").map(Integer::parseInt).orElse(0);
  }

  private static String reason(HttpHead head, String status) {
    return status.equals(head.second()) ? head.third() : HttpText.reason(Integer.parseInt(status));
  }

  /** Where it was, and spelled as it was. */
  private static void addHost(List<Header> fields, HttpHead head, HeaderMap map) {
    for (int i = 0; i < head.fields().size(); i++) {
      Header host = head.fields().get(i);
      if (host.isNamed("host")) {
        fields.add(
            Math.min(i, fields.size()),
            new Header(host.name(), map.get(":authority").orElse(host.value())));
      }
    }
  }

  private static void frame(
      List<Header> fields, boolean request, Framing framing, long length, HttpBody came) {
    if (framing != Framing.CHUNKED) {
      remove(fields, CODING);
    }
    switch (framing) {
      case NONE -> {
        boolean said = fields.stream().anyMatch(field -> field.isNamed(LENGTH));
        if (came.isSaidEmpty() || request && said) {
          replace(fields, LENGTH, "0");
        }
      }
      case LENGTH -> replace(fields, LENGTH, Long.toString(length));
      case CHUNKED -> {
        remove(fields, LENGTH);
        List<String> codings =
            fields.stream().filter(f -> f.isNamed(CODING)).map(Header::value).toList();
        if (codings.size() != 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
          remove(fields, CODING);
          fields.add(new Header(CODING, "chunked"));
        }
      }
      case UNTIL_CLOSE -> {
        remove(fields, LENGTH);
        if (came.framing() != Framing.UNTIL_CLOSE) {
          remove(fields, CONNECTION);
          replace(fields, CONNECTION, "close");
        }
      }
    }
  }

  private static void remove(List<Header> fields, String name) {
    fields.removeIf(field -> field.isNamed(name));
  }

  private static void replace(List<Header> fields, String name, String value) {
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).isNamed(name)) {
        Header first = new Header(fields.get(i).name(), value);
        remove(fields, name);
        fields.add(Math.min(i, fields.size()), first);
        return;
      }
    }
    fields.add(new Header(name, value));
  }

  static byte[] chunk(byte[] bytes) {
    return Bytes.join(
        Bytes.of(Integer.toHexString(bytes.length) + "\r\n"), bytes, Bytes.of("\r\n"));
  }

  static byte[] lastChunk(List<Header> trailers) {
    StringBuilder text = new StringBuilder("0\r\n");
    trailers.forEach(
        field -> text.append(field.name()).append(": ").append(field.value()).append("\r\n"));
    return Bytes.of(text.append("\r\n").toString());
  }

  /** The answer to a message that is none. */
  static byte[] refusal(int status) {
    return Bytes.of(
        "HTTP/1.1 "
            + status
            + " "
            + HttpText.reason(status)
            + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  }
}
