// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.List;
import java.util.Optional;

/** The functions that let streams go on, end them, or answer in the server's place. */
final class StreamCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.of("proxy_continue_stream", "S", StreamCalls::carryOn),
          HostCall.of("proxy_close_stream", "S", StreamCalls::close),
          HostCall.of("proxy_send_local_response", "nsssn", StreamCalls::respond));

  private StreamCalls() {}

  private static Answer carryOn(Call call) {
    StreamType type = StreamType.values()[call.number(0)];
    return call.vm()
        .effectiveStream()
        .map(stream -> stream.carryOn(type))
        .orElse(Status.UNIMPLEMENTED);
  }

  private static Answer close(Call call) {
    StreamType type = StreamType.values()[call.number(0)];
    return call.vm()
        .effectiveStream()
        .map(stream -> stream.close(type))
        .orElse(Status.BAD_ARGUMENT);
  }

  private static Answer respond(Call call) {
    Optional<StreamContext> stream = call.vm().effectiveStream();
    if (stream.isEmpty() || !stream.get().canRespond()) {
      return Status.UNIMPLEMENTED;
    }
    HeaderMap headers = new HeaderMap(HeaderMap.Kind.RESPONSE);
    boolean read = Pairs.read(call.bytes(3)).map(headers::set).orElse(false);
    return read && HeaderMap.isStatus(call.number(0))
        ? stream.get().respond(new LocalResponse(call.number(0), call.bytes(2), headers.fields()))
        : Status.BAD_ARGUMENT;
  }
}
