// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import java.lang.reflect.Proxy;

/**
 * Handles signals through {@code sun.misc.Signal}: the only way to do something else than to exit
 * on SIGHUP, and to exit with status 0 on SIGTERM. It is reached by reflection because the compiler
 * warns of any other use, and cannot be told not to.
 */
final class Signals {
  private Signals() {}

  static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java cannot handle SIG" + name, e);
    }
  }
}
