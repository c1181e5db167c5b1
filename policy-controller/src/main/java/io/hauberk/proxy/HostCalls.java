// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import io.hauberk.proxy.HostCall.When;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All functions that guests may import. */
final class HostCalls {
  /** By the name of the module that they are imported from. */
  static final Map<String, List<HostCall>> BY_MODULE = new LinkedHashMap<>();

  /** What a guest's allocator is. */
  static final FunctionType ALLOCATOR = FunctionType.of(List.of(ValType.I32), List.of(ValType.I32));

  /** What compilers expect of every host. */
  private static final List<HostCall> OF_COMPILERS =
      List.of(
          HostCall.silent(
              "emscripten_notify_memory_growth",
              "x",
              Set.of(When.START, When.ALLOCATION),
              call -> Status.OK),
          HostCall.silent("abort", "xxnn", Set.of(When.START), HostCalls::abort));

  static {
    List<HostCall> env = new ArrayList<>();
    env.addAll(ContextCalls.ALL);
    env.addAll(BufferCalls.ALL);
    env.addAll(MapCalls.ALL);
    env.addAll(StreamCalls.ALL);
    env.addAll(OutgoingCalls.ALL);
    env.addAll(SharedCalls.ALL);
    env.addAll(PropertyCalls.ALL);
    env.addAll(OF_COMPILERS);
    BY_MODULE.put("env", List.copyOf(env));
    WasiCalls.MODULES.forEach(module -> BY_MODULE.put(module, WasiCalls.ALL));
  }

  private HostCalls() {}

  static Optional<HostCall> find(String module, String name) {
    return BY_MODULE.getOrDefault(module, List.of()).stream()
        .filter(function -> function.name().equals(name))
        .findFirst();
  }

  private static Answer abort(Call call) {
    throw new GuestTrap(GuestTrap.UNREACHABLE);
  }
}
