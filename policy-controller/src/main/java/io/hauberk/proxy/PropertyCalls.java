// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The functions for properties, and for foreign functions, of which there is one: echo. */
final class PropertyCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.of("proxy_get_property", "so", PropertyCalls::get),
          HostCall.of("proxy_set_property", "ss", PropertyCalls::set),
          HostCall.of("proxy_call_foreign_function", "ssw", PropertyCalls::foreign));

  private static final int COUNT_MAX = 32;
  private static final int PATH_MAX = 256;
  private static final int VALUE_MAX = 4096;

  private PropertyCalls() {}

  /** Parts of a path are told apart by NULs; dots are as good. */
  private static String path(Call call) {
    return call.text(0).replaceFirst("\0+$", "").replace('\0', '.');
  }

  private static Answer get(Call call) {
    Optional<byte[]> value = call.vm().property(path(call));
    return value.isEmpty() ? Status.NOT_FOUND : call.put(1, value.get());
  }

  private static Answer set(Call call) {
    String path = path(call);
    byte[] value = call.bytes(1);
    if (path.isEmpty() || path.length() > PATH_MAX || value.length > VALUE_MAX) {
      return Status.BAD_ARGUMENT;
    }
    Map<String, byte[]> properties = call.vm().properties();
    if (!properties.containsKey(path) && properties.size() == COUNT_MAX) {
      return Status.INTERNAL_FAILURE;
    }
    properties.put(path, value);
    return Status.OK;
  }

  private static Answer foreign(Call call) {
    return call.text(0).equals("echo") ? call.put(2, call.bytes(1)) : Status.NOT_FOUND;
  }
}
