// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A filter on the requests and responses of a connection, one exchange after the other. */
final class HttpChain extends Chain {
  private static final int INFORMATIONAL_MAX = 16;
  private static final int SWITCHING = 101;
  private static final int SUCCESS = 2;
  private static final int HUNDRED = 100;
  private static final Set<String> OURS =
      Set.of("content-length", "transfer-encoding", "connection");

  private final Map<Flow, ByteQueue> in = new EnumMap<>(Flow.class);
  private final Map<Flow, Boolean> last = new EnumMap<>(Flow.class);
  private Exchange exchange;
  private boolean raw;
  private boolean spent;
  private boolean closeAsked;

  HttpChain(Vm vm, boolean open, Trace trace) {
    super(vm, open, trace);
    for (Flow flow : Flow.values()) {
      in.put(flow, new ByteQueue());
      last.put(flow, false);
    }
  }

  @Override
  void begin() {
    // Contexts are made for exchanges, not for the connection.
  }

  @Override
  int held(Flow flow) {
    int inside = in.get(flow).size();
    if (exchange == null) {
      return inside;
    }
    HttpSide side = flow == Flow.REQUEST ? exchange.request : exchange.response;
    return side == null ? inside : inside + side.held();
  }

  @Override
  protected void filter(Flow flow, byte[] bytes, boolean end) {
    in.get(flow).append(bytes);
    last.put(flow, last.get(flow) || end);
    run();
  }

  @Override
  protected boolean settle() {
    if (mayClose()) {
      close();
      return false;
    }
    return run();
  }

  /** Whether the filter wants the end, and has seen the request that it wants it for. */
  private boolean mayClose() {
    return closeAsked && (exchange == null || exchange.request.isTold());
  }

  /** Does all that can be done; whether there was anything. */
  private boolean run() {
    boolean any = false;
    while (!isClosing() && !isStopped() && step()) {
      any = true;
      if (mayClose()) {
        close();
      }
    }
    if (exchange != null && !isClosing() && !isStopped()) {
      exchange.commit();
    }
    return any;
  }

  private boolean step() {
    try {
      return raw ? passRaw() : exchange == null ? beginExchange() : exchange.step();
    } catch (HttpFault e) {
      refuse(e.status());
      return false;
    }
  }

  private boolean passRaw() {
    boolean any = false;
    for (Flow flow : Flow.values()) {
      any |= !in.get(flow).isEmpty();
      emit(flow, in.get(flow).takeAll());
      if (last.get(flow)) {
        emitEnd(flow);
      }
    }
    return any;
  }

  private boolean beginExchange() {
    ByteQueue requests = in.get(Flow.REQUEST);
    if (spent) {
      requests.takeAll();
    }
    if (!in.get(Flow.RESPONSE).isEmpty()) {
      close();
      return false;
    }
    Optional<HttpHead> head = HttpParser.request(requests);
    if (head.isPresent()) {
      exchange = new Exchange(head.get());
      exchange.begin();
      return true;
    }
    if (last.get(Flow.REQUEST) && !requests.isEmpty()) {
      throw new HttpFault(HttpText.BAD_REQUEST, "the head ends too early");
    }
    for (Flow flow : Flow.values()) {
      if (last.get(flow)) {
        emitEnd(flow);
      }
    }
    return false;
  }

  /** A message that is none: its sender, or who waits for it, is told, and the connection ends. */
  private void refuse(int status) {
    if (exchange == null || exchange.response == null || !exchange.response.isHeadSent()) {
      emit(Flow.RESPONSE, HttpWriter.refusal(status));
    }
    close();
  }

  /** Messages go on as messages, only that nobody hears of them. */
  @Override
  protected void bypass(Flow flow, byte[] bytes, boolean end) {
    filter(flow, bytes, end);
  }

  @Override
  protected void release() {
    if (exchange != null) {
      exchange.release();
    }
    run();
  }

  @Override
  void end(Peer peer) {
    if (exchange != null) {
      exchange.end();
    }
  }

  /** A request and its response. */
  private final class Exchange extends StreamContext {
    private final HttpSide request;
    private final String method;
    private final boolean http10;
    private final boolean persistent;
    private final boolean upgrade;
    private HttpSide response;
    private HttpBody drained;
    private LocalResponse asked;
    private boolean local;
    private boolean cut;
    private boolean ending;
    private boolean over;
    private int informational;

    Exchange(HttpHead head) {
      super(vm().nextContext());
      HeaderMap map = new HeaderMap(HeaderMap.Kind.REQUEST, HttpTarget.headers(head, scheme()));
      method = head.first();
      http10 = head.third().equals("HTTP/1.0");
      persistent = !http10 && !head.lists("connection", "close");
      upgrade = method.equals("CONNECT") || !head.values("upgrade").isEmpty();
      if (head.lists("upgrade", "h2c")) {
        map.remove("upgrade");
        map.remove("http2-settings");
      }
      request =
          new HttpSide(
              HttpChain.this,
              id(),
              Flow.REQUEST,
              head,
              map,
              HttpBody.ofRequest(head),
              http10,
              this::isInterrupted);
    }

    private String scheme() {
      boolean mtls =
          vm().world().property("connection.mtls").map(value -> value[0] != 0).orElse(false);
      return mtls ? "https" : "http";
    }

    /** Whether its filter wants something else than that it goes on. */
    private boolean isInterrupted() {
      return asked != null || closeAsked;
    }

    /** Whether no request can follow it. */
    private boolean isLast() {
      return !upgrade && (!persistent || isResponseLast());
    }

    private boolean isResponseLast() {
      return response != null && response.isHeadSent() && !response.isPersistent();
    }

    /** What came out of it is sent. */
    void commit() {
      request.commit();
      if (request.isDone() && isLast()) {
        in.get(Flow.REQUEST).takeAll();
      }
      if (request.isDone() && last.get(Flow.REQUEST) && in.get(Flow.REQUEST).isEmpty()) {
        emitEnd(Flow.REQUEST);
      }
      if (response != null) {
        response.commit();
        boolean whole = response.isDone() && !response.isRaw() && !local;
        if (whole && last.get(Flow.RESPONSE) && in.get(Flow.RESPONSE).isEmpty()) {
          emitEnd(Flow.RESPONSE);
        }
      }
    }

    /** All that has arrived of the request is read before the filter hears of its head. */
    void begin() {
      vm().add(this);
      readRequest();
    }

    private void readRequest() {
      request.read(in.get(Flow.REQUEST), last.get(Flow.REQUEST));
    }

    /** Does the next thing; whether there was one. */
    boolean step() {
      if (asked != null && request.isTold()) {
        return answer();
      }
      readRequest();
      if (!local && request.step()) {
        return true;
      }
      if (asked == null && readResponse() | stepResponse()) {
        return true;
      }
      return asked == null && finish();
    }

    private boolean stepResponse() {
      return response != null && response.step();
    }

    private boolean readResponse() {
      ByteQueue responses = in.get(Flow.RESPONSE);
      boolean end = last.get(Flow.RESPONSE);
      try {
        if (!request.isHeadSent() && !responses.isEmpty()) {
          throw new HttpFault(HttpText.BAD_REQUEST, "a response to nothing");
        }
        if (local) {
          drain(responses, end);
          return false;
        }
        if (response == null && !responseHead(responses)) {
          endWithout(responses, end);
          return false;
        }
        int before = response.held();
        response.read(responses, end);
        return response.held() > before;
      } catch (HttpFault e) {
        throw new HttpFault(HttpText.BAD_GATEWAY, e.getMessage());
      }
    }

    /** The server says nothing more, and has not said all. */
    private void endWithout(ByteQueue responses, boolean end) {
      if (end && !responses.isEmpty()) {
        throw new HttpFault(HttpText.BAD_REQUEST, "the head ends too early");
      }
      if (end) {
        emitEnd(Flow.RESPONSE);
      }
    }

    private void drain(ByteQueue responses, boolean end) {
      if (drained == null && request.isHeadSent()) {
        HttpParser.response(responses)
            .filter(head -> !head.isInformational())
            .ifPresent(head -> drained = HttpBody.ofResponse(head, method));
      }
      if (drained != null && !drained.isEnded()) {
        drained.read(responses, end);
      }
    }

    private boolean responseHead(ByteQueue responses) {
      Optional<HttpHead> found = HttpParser.response(responses);
      while (found.isPresent()
          && found.get().isInformational()
          && found.get().status() != SWITCHING) {
        if (++informational > INFORMATIONAL_MAX) {
          throw new HttpFault(HttpText.BAD_GATEWAY, "too many responses of 1xx");
        }
        HttpBody.ofResponse(found.get(), method);
        emit(Flow.RESPONSE, found.get().raw());
        found = HttpParser.response(responses);
      }
      found.ifPresent(this::beginResponse);
      return found.isPresent();
    }

    private void beginResponse(HttpHead head) {
      boolean switches =
          upgrade
              && (head.status() == SWITCHING
                  || method.equals("CONNECT") && head.status() / HUNDRED == SUCCESS);
      if (head.status() == SWITCHING && !switches) {
        throw new HttpFault(HttpText.BAD_GATEWAY, "nobody asked to switch");
      }
      drained = switches ? HttpBody.none() : HttpBody.ofResponse(head, method);
      HeaderMap map = new HeaderMap(HeaderMap.Kind.RESPONSE, HttpParser.responseHeaders(head));
      response =
          new HttpSide(
              HttpChain.this, id(), Flow.RESPONSE, head, map, drained, http10, this::isInterrupted);
      if (switches) {
        response.becomeRaw();
      }
    }

    /** The filter's own response takes the place of the server's. */
    private boolean answer() {
      LocalResponse given = asked;
      asked = null;
      if (response != null && response.isHeadSent()) {
        HttpChain.this.close();
        return false;
      }
      local = true;
      cut = request.isHeadSent() && !request.isDone();
      if (!request.isHeadSent()) {
        request.discard();
      }
      boolean ends = endsAfterwards();
      List<Header> headers = new ArrayList<>();
      headers.add(new Header(":status", Integer.toString(given.status())));
      given.headers().stream()
          .filter(header -> OURS.stream().noneMatch(header::isNamed))
          .forEach(headers::add);
      headers.add(new Header("content-length", Integer.toString(given.body().length)));
      if (ends) {
        headers.add(new Header("connection", "close"));
      }
      HttpHead head =
          new HttpHead(
              "HTTP/1.1",
              Integer.toString(given.status()),
              HttpText.reason(given.status()),
              List.of(),
              new byte[0]);
      response =
          HttpSide.local(
              HttpChain.this,
              id(),
              head,
              new HeaderMap(HeaderMap.Kind.RESPONSE, headers),
              given.body(),
              method.equals("HEAD") || head.isBodiless(),
              this::isInterrupted);
      return true;
    }

    private boolean endsAfterwards() {
      return !request.isReceived() || !persistent || cut;
    }

    /** Whether the exchange is over; then what is to follow it is done. */
    private boolean finish() {
      if (response == null || !response.isDone()) {
        return false;
      }
      if (local) {
        return finishLocal();
      }
      if (response.isRaw()) {
        commit();
        raw = true;
        return true;
      }
      if (!request.isDone()) {
        return false;
      }
      spent |= isLast();
      if (persistent
          && response.map().all("connection").contains("close")
          && !response.head().lists("connection", "close")) {
        commit();
        HttpChain.this.close();
        return false;
      }
      leave();
      return true;
    }

    private boolean finishLocal() {
      if (endsAfterwards()) {
        response.commit();
        HttpChain.this.close();
        return false;
      }
      if (request.isHeadSent() && (drained == null || !drained.isEnded())) {
        return false;
      }
      leave();
      return true;
    }

    private void leave() {
      commit();
      exchange = null;
      end();
    }

    void end() {
      ending = true;
      vm().end(this);
      over = true;
    }

    void release() {
      asked = null;
      request.release();
      if (response != null) {
        response.release();
      }
    }

    // What its filter may see and do.

    private Optional<HttpSide> side(boolean ofRequest) {
      return Optional.ofNullable(ofRequest ? request : response);
    }

    @Override
    Optional<ByteQueue> buffer(BufferType type) {
      if (ending) {
        return Optional.empty();
      }
      return switch (type) {
        case HTTP_REQUEST_BODY -> side(true).flatMap(HttpSide::buffer);
        case HTTP_RESPONSE_BODY -> side(false).flatMap(HttpSide::buffer);
        default -> Optional.empty();
      };
    }

    @Override
    Optional<HeaderMap> map(MapType type) {
      return switch (type) {
        case HTTP_REQUEST_HEADERS -> side(true).filter(HttpSide::isTold).map(HttpSide::map);
        case HTTP_RESPONSE_HEADERS -> side(false).filter(HttpSide::isTold).map(HttpSide::map);
        case HTTP_REQUEST_TRAILERS ->
            side(true).filter(HttpSide::hasTrailersTold).map(HttpSide::trailers);
        case HTTP_RESPONSE_TRAILERS ->
            side(false).filter(HttpSide::hasTrailersTold).map(HttpSide::trailers);
        default -> Optional.empty();
      };
    }

    @Override
    boolean isWritable(MapType type) {
      return switch (type) {
        case HTTP_REQUEST_HEADERS -> !ending && request.isMapHeld();
        case HTTP_RESPONSE_HEADERS -> !ending && side(false).map(HttpSide::isMapHeld).orElse(false);
        case HTTP_REQUEST_TRAILERS -> !ending && request.areTrailersHeld();
        case HTTP_RESPONSE_TRAILERS ->
            !ending && side(false).map(HttpSide::areTrailersHeld).orElse(false);
        default -> false;
      };
    }

    private boolean isOfHttp(StreamType type) {
      return type == StreamType.HTTP_REQUEST || type == StreamType.HTTP_RESPONSE;
    }

    @Override
    Status carryOn(StreamType type) {
      if (over || !isOfHttp(type)) {
        return Status.UNIMPLEMENTED;
      }
      side(type == StreamType.HTTP_REQUEST).ifPresent(HttpSide::askToContinue);
      return Status.OK;
    }

    @Override
    Status close(StreamType type) {
      if (over) {
        return Status.BAD_ARGUMENT;
      }
      closeAsked |= !ending;
      return Status.OK;
    }

    @Override
    boolean canRespond() {
      return true;
    }

    @Override
    Status respond(LocalResponse given) {
      if (over || local || asked != null) {
        return Status.BAD_ARGUMENT;
      }
      asked = given;
      return Status.OK;
    }

    @Override
    Optional<byte[]> property(String path) {
      return HttpProperties.of(path, request, response);
    }
  }
}
