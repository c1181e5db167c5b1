// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.List;
import java.util.Optional;

/** The functions that call others by HTTP, and those for gRPC, which there is not. */
final class OutgoingCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.of("proxy_http_call", "ssssn4", OutgoingCalls::http),
          HostCall.of("proxy_grpc_call", "sssssn4", call -> Status.UNIMPLEMENTED),
          HostCall.of("proxy_grpc_stream", "ssss4", call -> Status.UNIMPLEMENTED),
          HostCall.of("proxy_grpc_send", "nsn", call -> Status.UNIMPLEMENTED),
          HostCall.of("proxy_grpc_cancel", "n", call -> Status.UNIMPLEMENTED),
          HostCall.of("proxy_grpc_close", "n", call -> Status.UNIMPLEMENTED));

  private static final List<String> NEEDED = List.of(":method", ":path", ":authority");
  private static final int BODY_MAX = 1 << 20;

  private OutgoingCalls() {}

  private static Answer http(Call call) {
    Optional<List<Header>> headers = Pairs.read(call.bytes(1));
    Optional<List<Header>> trailers = Pairs.read(call.bytes(3));
    HeaderMap map = new HeaderMap(HeaderMap.Kind.REQUEST);
    if (headers.isEmpty()
        || trailers.isEmpty()
        || !map.set(headers.get())
        || !new HeaderMap(HeaderMap.Kind.TRAILERS).set(trailers.get())
        || !NEEDED.stream().allMatch(name -> map.get(name).isPresent())
        || call.bytes(2).length > BODY_MAX
        || !call.vm().world().hasUpstream(call.text(0))) {
      return Status.BAD_ARGUMENT;
    }
    Optional<Integer> id = call.vm().beginCall();
    if (id.isEmpty()) {
      return Status.INTERNAL_FAILURE;
    }
    call.put(5, id.get());
    return Status.OK;
  }
}
