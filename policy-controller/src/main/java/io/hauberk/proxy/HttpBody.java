// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.List;
import java.util.Set;

/** Reads the body of a message, however its end is told. */
final class HttpBody {
  private static final int NO_CONTENT = 204;
  private static final int CHUNK_LINE_MAX = 4096;
  private static final int SIZE_DIGITS_MAX = 15;
  private static final int TRAILERS_MAX = 65536;
  private static final int LENGTH_DIGITS_MAX = 18;
  private static final Set<String> NO_TRAILERS =
      Set.of(
          "content-length",
          "transfer-encoding",
          "host",
          "trailer",
          "te",
          "connection",
          "authorization",
          "cookie",
          "set-cookie",
          "content-type",
          "content-encoding",
          "upgrade",
          "expect");

  private final Framing framing;
  private long left;
  private ChunkState state = ChunkState.SIZE;
  private boolean ended;
  private List<Header> trailers = List.of();
  private boolean saidEmpty;

  /** How the end of a body is told. */
  enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  private enum ChunkState {
    SIZE,
    DATA,
    DATA_END,
    TRAILERS
  }

  private HttpBody(Framing framing, long length) {
    this.framing = framing;
    this.left = length;
    this.ended = framing == Framing.NONE;
  }

  static HttpBody none() {
    return new HttpBody(Framing.NONE, 0);
  }

  static HttpBody ofRequest(HttpHead head) {
    return of(head, head.third(), Framing.NONE);
  }

  /** The body of a response to such a request. */
  static HttpBody ofResponse(HttpHead head, String method) {
    HttpBody told = of(head, head.first(), Framing.UNTIL_CLOSE);
    boolean never = head.isInformational() || head.status() == NO_CONTENT;
    if (never && (told.framing == Framing.LENGTH || told.framing == Framing.CHUNKED)) {
      throw bad("a body where none may be");
    }
    return head.isBodiless() || method.equals("HEAD") ? none() : told;
  }

  private static HttpBody of(HttpHead head, String version, Framing otherwise) {
    List<String> lengths = head.values("content-length");
    List<String> codings = head.values("transfer-encoding");
    if (lengths.size() > 1 || !lengths.isEmpty() && !codings.isEmpty()) {
      throw bad("two lengths");
    }
    if (!codings.isEmpty()) {
      if (version.equals("HTTP/1.0")) {
        throw bad("Transfer-Encoding in HTTP/1.0");
      }
      if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
        throw new HttpFault(HttpText.NOT_IMPLEMENTED, "a transfer coding that is not chunked");
      }
      return new HttpBody(Framing.CHUNKED, 0);
    }
    if (lengths.isEmpty()) {
      return new HttpBody(otherwise, 0);
    }
    String digits = lengths.get(0);
    if (!HttpText.isDigits(digits) || digits.length() > LENGTH_DIGITS_MAX) {
      throw bad("not a length");
    }
    long length = Long.parseLong(digits);
    if (length > 0) {
      return new HttpBody(Framing.LENGTH, length);
    }
    HttpBody empty = none();
    empty.saidEmpty = true;
    return empty;
  }

  private static HttpFault bad(String message) {
    return new HttpFault(HttpText.BAD_REQUEST, message);
  }

  /** Whether its length was told, and that it is 0. */
  boolean isSaidEmpty() {
    return saidEmpty;
  }

  Framing framing() {
    return framing;
  }

  /** What is left of a body whose length was told. */
  long left() {
    return left;
  }

  boolean isEnded() {
    return ended;
  }

  List<Header> trailers() {
    return trailers;
  }

  /** Takes what is there of the body; {@code last}: nothing will follow. */
  byte[] read(ByteQueue in, boolean last) {
    byte[] bytes = {};
    switch (framing) {
      case NONE -> {}
      case LENGTH -> bytes = counted(in);
      case CHUNKED -> bytes = chunks(in);
      case UNTIL_CLOSE -> {
        bytes = in.takeAll();
        ended = last;
      }
    }
    if (last && !ended) {
      throw bad("the body ends too early");
    }
    return bytes;
  }

  private byte[] counted(ByteQueue in) {
    byte[] bytes = in.take((int) Math.min(left, in.size()));
    left -= bytes.length;
    ended = left == 0;
    return bytes;
  }

  private byte[] chunks(ByteQueue in) {
    ByteQueue bytes = new ByteQueue();
    boolean more = true;
    while (more && !ended) {
      more =
          switch (state) {
            case SIZE -> size(in);
            case DATA -> data(in, bytes);
            case DATA_END -> dataEnd(in);
            case TRAILERS -> trailers(in);
          };
    }
    return bytes.takeAll();
  }

  private boolean size(ByteQueue in) {
    String text = Bytes.text(in.bytes());
    int end = text.indexOf("\r\n");
    String line = end < 0 ? text.replaceFirst("\r$", "") : text.substring(0, end);
    if (line.length() > CHUNK_LINE_MAX || !HttpText.isValue(line)) {
      throw bad("not a chunk's size");
    }
    if (end < 0) {
      return false;
    }
    String digits = line.replaceFirst(";.*", "");
    if (!digits.matches("[0-9A-Fa-f]{1," + SIZE_DIGITS_MAX + "}")) {
      throw bad("not a chunk's size");
    }
    in.take(end + 2);
    left = Long.parseLong(digits, 16);
    state = left == 0 ? ChunkState.TRAILERS : ChunkState.DATA;
    return true;
  }

  private boolean data(ByteQueue in, ByteQueue bytes) {
    byte[] piece = in.take((int) Math.min(left, in.size()));
    bytes.append(piece);
    left -= piece.length;
    if (left == 0) {
      state = ChunkState.DATA_END;
    }
    return left == 0;
  }

  private boolean dataEnd(ByteQueue in) {
    String text = Bytes.text(in.bytes());
    if (!"\r\n".startsWith(text.substring(0, Math.min(2, text.length())))) {
      throw bad("a chunk does not end where its size says");
    }
    if (text.length() < 2) {
      return false;
    }
    in.take(2);
    state = ChunkState.SIZE;
    return true;
  }

  private boolean trailers(ByteQueue in) {
    String text = "\r\n" + Bytes.text(in.bytes());
    HttpParser.checkLines(text);
    int end = text.indexOf("\r\n\r\n");
    if ((end < 0 ? text.length() : end) > TRAILERS_MAX) {
      throw new HttpFault(HttpText.FIELDS_TOO_LARGE, "the trailers are too long");
    }
    if (end < 0) {
      return false;
    }
    String lines = text.substring(0, end);
    if (!lines.isEmpty()) {
      trailers = HttpParser.fields(List.of(lines.substring(2).split("\r\n", -1)));
      if (trailers.stream().anyMatch(field -> NO_TRAILERS.stream().anyMatch(field::isNamed))) {
        throw bad("a trailer that must not be one");
      }
    }
    in.take(end + 2);
    ended = true;
    return true;
  }
}
