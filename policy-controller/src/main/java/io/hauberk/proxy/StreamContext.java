// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A filter on one connection, or on one exchange of HTTP. What it asks for is noted and done when
 * its callback has returned: guests must not be entered again before that.
 */
abstract class StreamContext {
  private final int id;
  private final Map<String, byte[]> properties = new LinkedHashMap<>();
  private boolean pending;

  StreamContext(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  /** The properties that its filter has set. */
  Map<String, byte[]> properties() {
    return properties;
  }

  /** Whether its filter said that it is not done yet. */
  boolean isPending() {
    return pending;
  }

  void setPending(boolean now) {
    pending = now;
  }

  /** A buffer that its filter may see and change now. */
  abstract Optional<ByteQueue> buffer(BufferType type);

  /** A header map that its filter may see now. */
  abstract Optional<HeaderMap> map(MapType type);

  /** Whether its filter may change it now. */
  abstract boolean isWritable(MapType type);

  abstract Status carryOn(StreamType type);

  abstract Status close(StreamType type);

  /** Whether there is a response that could be another one. */
  boolean canRespond() {
    return false;
  }

  abstract Status respond(LocalResponse response);

  /** What this kind of stream knows by a path. */
  Optional<byte[]> property(String path) {
    return Optional.empty();
  }
}
