// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The functions for header maps. */
final class MapCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.of("proxy_get_header_map_size", "M4", MapCalls::size),
          HostCall.of("proxy_get_header_map_pairs", "Mo", MapCalls::pairs),
          HostCall.of("proxy_set_header_map_pairs", "Ms", MapCalls::setPairs),
          HostCall.of("proxy_get_header_map_value", "Mso", MapCalls::value),
          HostCall.of(
              "proxy_add_header_map_value",
              "Mss",
              call -> change(call, map -> map.add(call.text(1), call.text(2)))),
          HostCall.of(
              "proxy_replace_header_map_value",
              "Mss",
              call -> change(call, map -> map.replace(call.text(1), call.text(2)))),
          HostCall.of(
              "proxy_remove_header_map_value",
              "Ms",
              call -> change(call, map -> map.remove(call.text(1)))));

  private MapCalls() {}

  private static Optional<HeaderMap> map(Call call) {
    return call.vm().map(MapType.values()[call.number(0)]);
  }

  private static Answer size(Call call) {
    Optional<HeaderMap> map = map(call);
    if (map.isEmpty()) {
      return Status.BAD_ARGUMENT;
    }
    List<Header> headers = map.get().headers();
    call.put(1, headers.isEmpty() ? 0 : Pairs.length(headers));
    return Status.OK;
  }

  private static Answer pairs(Call call) {
    Optional<HeaderMap> map = map(call);
    if (map.isEmpty()) {
      return Status.BAD_ARGUMENT;
    }
    List<Header> headers = map.get().headers();
    return call.put(1, headers.isEmpty() ? new byte[0] : Pairs.write(headers));
  }

  private static Answer setPairs(Call call) {
    return change(
        call, map -> Pairs.read(call.bytes(1)).map(headers -> map.set(headers)).orElse(false));
  }

  private static Answer value(Call call) {
    Optional<HeaderMap> map = map(call);
    if (map.isEmpty()) {
      return Status.BAD_ARGUMENT;
    }
    Optional<String> value = map.get().get(call.text(1));
    return value.isEmpty() ? Status.NOT_FOUND : call.put(2, Bytes.of(value.get()));
  }

  /** A change that is refused leaves the map as it was. */
  private static Answer change(Call call, Predicate<HeaderMap> change) {
    Optional<HeaderMap> map = map(call);
    boolean changed =
        map.isPresent()
            && call.vm().isWritable(MapType.values()[call.number(0)])
            && change.test(map.get());
    return changed ? Status.OK : Status.BAD_ARGUMENT;
  }
}
