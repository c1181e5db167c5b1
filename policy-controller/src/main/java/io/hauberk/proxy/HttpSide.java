// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.Chain.Flow;
import io.hauberk.proxy.HttpBody.Framing;
import java.util.List;
import java.util.Optional;

/**
 * One message of an exchange on its way through the filter: parsed, told, perhaps held by the
 * filter, and written again.
 */
final class HttpSide {
  /** Bytes of a body that wait for its end, so that its length can be told. */
  private static final int HELD_MAX = 65536;

  private final Chain chain;
  private final int context;
  private final Flow flow;
  private final HttpHead head;
  private final HeaderMap map;
  private final HttpBody body;
  private final boolean http10;
  private final ByteQueue waiting = new ByteQueue();
  private final ByteQueue held = new ByteQueue();
  private final ByteQueue collected = new ByteQueue();
  private HeaderMap trailers = new HeaderMap(HeaderMap.Kind.TRAILERS);
  private Stage told = Stage.NOTHING;
  private boolean paused;
  private boolean inBody;
  private boolean continueAsked;
  private boolean ended;
  private boolean endTold;
  private boolean headHeld;
  private boolean headOut;
  private Framing framing;
  private boolean done;
  private boolean raw;

  /** What of the message the filter was told last. */
  private enum Stage {
    NOTHING,
    HEADERS,
    BODY,
    TRAILERS
  }

  /**
   * A message whose head has come.
   *
   * @param http10 the other side of it may not know chunks
   */
  HttpSide(
      Chain chain,
      int context,
      Flow flow,
      HttpHead head,
      HeaderMap map,
      HttpBody body,
      boolean http10) {
    this.chain = chain;
    this.context = context;
    this.flow = flow;
    this.head = head;
    this.map = map;
    this.body = body;
    this.http10 = http10;
    this.framing = body.framing();
  }

  /** One of our own, with its whole body; its head tells the length. */
  static HttpSide local(Chain chain, int context, HttpHead head, HeaderMap map, byte[] content) {
    HttpSide side = new HttpSide(chain, context, Flow.RESPONSE, head, map, HttpBody.none(), false);
    side.waiting.append(content);
    side.framing = content.length == 0 ? Framing.NONE : Framing.LENGTH;
    side.ended = true;
    return side;
  }

  /** What follows its head is not HTTP any more. */
  void becomeRaw() {
    raw = true;
  }

  boolean isRaw() {
    return raw;
  }

  private boolean isLocal() {
    return head.raw().length == 0;
  }

  HttpHead head() {
    return head;
  }

  HeaderMap map() {
    return map;
  }

  HeaderMap trailers() {
    return trailers;
  }

  boolean isTold() {
    return told != Stage.NOTHING;
  }

  boolean hasTrailersTold() {
    return told == Stage.TRAILERS;
  }

  /** Whether the filter may change the map: it has not let it go. */
  boolean isMapHeld() {
    return told == Stage.HEADERS && !headHeld && !headOut;
  }

  boolean areTrailersHeld() {
    return told == Stage.TRAILERS && !done;
  }

  boolean isHeadOut() {
    return headOut;
  }

  boolean isDone() {
    return done;
  }

  /** Whether all of it has arrived. */
  boolean isReceived() {
    return ended;
  }

  int held() {
    return waiting.size() + held.size() + collected.size();
  }

  Optional<ByteQueue> buffer() {
    boolean holds = paused && (told == Stage.BODY || told == Stage.TRAILERS);
    return inBody || holds ? Optional.of(held) : Optional.empty();
  }

  void askToContinue() {
    continueAsked = true;
  }

  /** Takes what has arrived of it. */
  void read(ByteQueue in, boolean last) {
    if (ended) {
      return;
    }
    waiting.append(body.read(in, last));
    if (body.isEnded()) {
      ended = true;
      trailers = new HeaderMap(HeaderMap.Kind.TRAILERS, body.trailers());
    }
  }

  private boolean hasTrailers() {
    return trailers.size() > 0;
  }

  /** The next thing that can be done with it; whether there was one. */
  boolean step() {
    if (done) {
      return false;
    }
    if (continueAsked) {
      continueAsked = false;
      if (paused) {
        carryOn();
        return true;
      }
    }
    if (told == Stage.NOTHING) {
      tellHeaders();
      return true;
    }
    if (paused && told == Stage.HEADERS) {
      return false;
    }
    boolean endNow = ended && !hasTrailers();
    if (told != Stage.TRAILERS && (!waiting.isEmpty() || endNow && !endTold)) {
      tellBody(endNow);
      return true;
    }
    if (ended && hasTrailers() && told != Stage.TRAILERS) {
      tellTrailers();
      return true;
    }
    return false;
  }

  private boolean isRequest() {
    return flow == Flow.REQUEST;
  }

  private void tellHeaders() {
    boolean end = framing == Framing.NONE && !raw;
    told = Stage.HEADERS;
    endTold = end;
    paused =
        chain
                .vm()
                .call(
                    isRequest() ? Callback.REQUEST_HEADERS : Callback.RESPONSE_HEADERS,
                    context,
                    context,
                    map.size(),
                    end ? 1 : 0)
            != 0;
    if (!paused && !chain.vm().isPoisoned()) {
      passHead();
    }
  }

  private Callback bodyCallback() {
    return isRequest() ? Callback.REQUEST_BODY : Callback.RESPONSE_BODY;
  }

  private void tellBody(boolean end) {
    told = Stage.BODY;
    endTold |= end;
    held.append(waiting.takeAll());
    inBody = true;
    paused = chain.vm().call(bodyCallback(), context, context, held.size(), end ? 1 : 0) != 0;
    inBody = false;
    if (!paused && !chain.vm().isPoisoned()) {
      passHeld();
    }
  }

  private void tellTrailers() {
    told = Stage.TRAILERS;
    paused =
        chain
                .vm()
                .call(
                    isRequest() ? Callback.REQUEST_TRAILERS : Callback.RESPONSE_TRAILERS,
                    context,
                    context,
                    trailers.size())
            != 0;
    if (!paused && !chain.vm().isPoisoned()) {
      passHeld();
    }
  }

  private void carryOn() {
    paused = false;
    if (told == Stage.HEADERS) {
      passHead();
    } else {
      passHeld();
    }
  }

  // What comes out.

  private void passHead() {
    boolean changes = chain.vm().has(bodyCallback()) || map.all("content-length").isEmpty();
    if (framing == Framing.LENGTH && changes && !isLocal()) {
      if (isRequest() && head.lists("expect", "100-continue")) {
        framing = Framing.CHUNKED;
      } else {
        headHeld = true;
        return;
      }
    }
    writeHead(Math.addExact(body.left(), waiting.size()));
    if (framing == Framing.NONE) {
      finish();
    }
  }

  private void writeHead(long length) {
    headHeld = false;
    headOut = true;
    chain.emit(flow, HttpWriter.head(head, map, isRequest(), framing, length, body.framing()));
  }

  private void passHeld() {
    byte[] bytes = held.takeAll();
    if (headHeld) {
      collected.append(bytes);
      if (collected.size() > HELD_MAX) {
        loosen();
      }
    } else if (bytes.length > 0) {
      chain.emit(flow, framing == Framing.CHUNKED ? HttpWriter.chunk(bytes) : bytes);
    }
    boolean trailersPassed = !hasTrailers() || told == Stage.TRAILERS;
    if (ended && trailersPassed && waiting.isEmpty()) {
      if (headHeld) {
        writeHead(collected.size());
        chain.emit(flow, collected.takeAll());
      } else if (framing == Framing.CHUNKED) {
        chain.emit(flow, HttpWriter.lastChunk(trailers.headers()));
      }
      finish();
    }
  }

  /** The body is too long to wait for its end: that is told in another way. */
  private void loosen() {
    if (http10 && isRequest()) {
      throw new HttpFault(HttpText.CONTENT_TOO_LARGE, "too long to be changed for HTTP/1.0");
    }
    framing = http10 ? Framing.UNTIL_CLOSE : Framing.CHUNKED;
    writeHead(0);
    byte[] bytes = collected.takeAll();
    chain.emit(flow, framing == Framing.CHUNKED ? HttpWriter.chunk(bytes) : bytes);
  }

  private void finish() {
    done = true;
  }

  /** What it holds goes on as it came, as far as its head has not gone on already. */
  void release() {
    if (!headOut) {
      chain.emit(flow, head.raw());
    }
    for (byte[] bytes : List.of(collected.takeAll(), held.takeAll(), waiting.takeAll())) {
      if (bytes.length > 0) {
        chain.emit(flow, body.framing() == Framing.CHUNKED ? HttpWriter.chunk(bytes) : bytes);
      }
    }
    if (ended && !done && body.framing() == Framing.CHUNKED) {
      chain.emit(flow, HttpWriter.lastChunk(trailers.headers()));
    }
    done = ended;
  }
}
