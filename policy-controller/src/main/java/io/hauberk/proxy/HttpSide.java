// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.Chain.Flow;
import io.hauberk.proxy.HttpBody.Framing;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One message of an exchange on its way through the filter: parsed, told, perhaps held by the
 * filter, and written again.
 */
final class HttpSide {
  /** Bytes of a body that wait for its end, so that its length can be told. */
  private static final int HELD_MAX = 65536;

  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;

  private final Chain chain;
  private final int context;
  private final Flow flow;
  private final HttpHead head;
  private final HeaderMap map;
  private final HttpBody body;
  private final boolean http10;
  private final BooleanSupplier interrupted;
  private final ByteQueue pending = new ByteQueue();
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
  private boolean bodiless;
  private boolean headSent;
  private long size;

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
   * @param interrupted whether the filter has asked for something that makes it of no use
   */
  HttpSide(
      Chain chain,
      int context,
      Flow flow,
      HttpHead head,
      HeaderMap map,
      HttpBody body,
      boolean http10,
      BooleanSupplier interrupted) {
    this.chain = chain;
    this.context = context;
    this.flow = flow;
    this.head = head;
    this.map = map;
    this.body = body;
    this.http10 = http10;
    this.interrupted = interrupted;
    this.framing = body.framing();
  }

  /**
   * One of our own, with its whole body; its head tells the length.
   *
   * @param bodiless it must not have its body with it
   */
  static HttpSide local(
      Chain chain,
      int context,
      HttpHead head,
      HeaderMap map,
      byte[] content,
      boolean bodiless,
      BooleanSupplier interrupted) {
    HttpSide side =
        new HttpSide(chain, context, Flow.RESPONSE, head, map, HttpBody.none(), false, interrupted);
    side.waiting.append(content);
    side.framing = content.length == 0 ? Framing.NONE : Framing.LENGTH;
    side.ended = true;
    side.bodiless = bodiless;
    return side;
  }

  /** What follows its head is not HTTP any more. */
  void becomeRaw() {
    raw = true;
  }

  boolean isRaw() {
    return raw;
  }

  /** Whether another message may follow it. */
  boolean isPersistent() {
    return head.first().equals("HTTP/1.1")
        && !head.lists("connection", "close")
        && body.framing() != Framing.UNTIL_CLOSE;
  }

  /** Bytes of its body that have arrived. */
  long size() {
    return size;
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

  /** Whether its head has been sent. */
  boolean isHeadSent() {
    return headSent;
  }

  /** What has come out of it is sent: there is no way back. One of our own goes as a whole. */
  void commit() {
    if (head.isOurs() && !done) {
      return;
    }
    if (headHeld && isRequest() && head.lists("expect", "100-continue")) {
      loosen();
    }
    headSent |= headOut;
    chain.emit(flow, pending.takeAll());
  }

  /** What has come out of it and is not sent yet never will be. */
  void discard() {
    pending.takeAll();
    headOut = headSent;
    done = true;
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
    byte[] bytes = body.read(in, last);
    size += bytes.length;
    waiting.append(bytes);
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
    if (!paused && goesOn()) {
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
    if (!paused && goesOn()) {
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
    if (!paused && goesOn()) {
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

  private boolean goesOn() {
    return !chain.isStopped() && !interrupted.getAsBoolean();
  }

  // What comes out.

  private void emit(byte[] bytes) {
    pending.append(bytes);
  }

  private void passHead() {
    if (!isRequest() && !raw && !head.isBodiless() && isChangedToBodiless()) {
      bodiless = true;
      if (framing != Framing.LENGTH) {
        framing = Framing.NONE;
        writeHead(0);
        return;
      }
    }
    boolean changes = chain.vm().has(bodyCallback()) || map.all("content-length").isEmpty();
    if (framing == Framing.LENGTH && changes && !head.isOurs()) {
      headHeld = true;
      return;
    }
    writeHead(Math.addExact(body.left(), waiting.size()));
    if (framing == Framing.NONE) {
      finish();
    }
  }

  /** Whether its filter has made a response of it that never has a body. */
  private boolean isChangedToBodiless() {
    int status = map.get(":status").map(Integer::parseInt).orElse(0);
    return framing != Framing.NONE && (status == NO_CONTENT || status == NOT_MODIFIED);
  }

  private void writeHead(long length) {
    headHeld = false;
    headOut = true;
    emit(HttpWriter.head(head, map, isRequest(), framing, length, body));
  }

  private void passHeld() {
    byte[] bytes = held.takeAll();
    boolean trailersPassed = !hasTrailers() || told == Stage.TRAILERS;
    boolean whole = ended && trailersPassed && waiting.isEmpty();
    if (headHeld) {
      collected.append(bytes);
      if (whole) {
        writeHead(collected.size());
        byte[] content = collected.takeAll();
        emit(bodiless ? new byte[0] : content);
      } else if (collected.size() > HELD_MAX) {
        loosen();
      }
    } else if (bytes.length > 0 && !bodiless) {
      emit(framing == Framing.CHUNKED ? HttpWriter.chunk(bytes) : bytes);
    }
    if (whole) {
      if (framing == Framing.CHUNKED) {
        emit(HttpWriter.lastChunk(trailers.headers()));
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
    if (bytes.length > 0) {
      emit(framing == Framing.CHUNKED ? HttpWriter.chunk(bytes) : bytes);
    }
  }

  private void finish() {
    done = true;
  }

  /** What the filter holds goes on without it. */
  void release() {
    paused = false;
    if (told != Stage.NOTHING && !headHeld && !headOut) {
      passHead();
    }
    if (told == Stage.BODY || told == Stage.TRAILERS) {
      passHeld();
    }
  }
}
