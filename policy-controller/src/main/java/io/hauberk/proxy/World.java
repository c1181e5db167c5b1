// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.Optional;

/** What a VM sees of what is around it. */
interface World {
  /** Nanoseconds: since 1970, or of the monotonic clock. */
  long nanoseconds(boolean monotonic);

  byte[] random(int length);

  /** What is known by a path, whose parts are separated by dots. */
  Optional<byte[]> property(String path);

  boolean hasUpstream(String name);
}
