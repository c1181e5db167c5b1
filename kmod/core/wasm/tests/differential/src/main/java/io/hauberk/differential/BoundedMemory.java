// SPDX-License-Identifier: Apache-2.0
package io.hauberk.differential;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Chicory's memory with the check of memory.fill and memory.copy made again, in 64 bits: the one of
 * 1.7.5 adds an address and a length in 32, which wraps, and then begins to write. Some accesses
 * past its end it lets Java find.
 */
final class BoundedMemory implements InvocationHandler {
  private final Memory memory;

  private BoundedMemory(Memory memory) {
    this.memory = memory;
  }

  static Memory of(MemoryLimits limits) {
    return (Memory)
        Proxy.newProxyInstance(
            Memory.class.getClassLoader(),
            new Class<?>[] {Memory.class},
            new BoundedMemory(new ByteArrayMemory(limits)));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("fill")) {
      int from = (int) arguments[1];
      check(from, (int) arguments[2] - from);
    } else if (method.getName().equals("copy")) {
      check((int) arguments[0], (int) arguments[2]);
      check((int) arguments[1], (int) arguments[2]);
    }
    try {
      return method.invoke(memory, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof IndexOutOfBoundsException ? outOfBounds() : e.getCause();
    }
  }

  private void check(int from, int length) {
    long end = Integer.toUnsignedLong(from) + Integer.toUnsignedLong(length);
    if (end > (long) memory.pages() * Memory.PAGE_SIZE) {
      throw outOfBounds();
    }
  }

  private static TrapException outOfBounds() {
    return new TrapException("out of bounds memory access");
  }
}
