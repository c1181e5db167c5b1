// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.List;
import java.util.function.Consumer;

/**
 * The kernel module as user space sees it. One thread at a time; only {@link #close()} may be
 * called from another one, to end {@link #follow}.
 */
public interface Device extends AutoCloseable {

  /** What the module said when this device was opened. */
  DeviceInfo hello();

  /**
   * Replaces the rule-set, the identities and the trust bundle in one step.
   *
   * @return the new generation
   * @throws DeviceRefusedException if the kernel refuses any part: then nothing has changed
   */
  long push(Push push);

  Status status();

  List<Connection> connections();

  /**
   * Hands each event to the consumer, past ones first; returns once the device is closed by another
   * thread.
   *
   * @param replay how many past events to begin with, at most
   * @throws DeviceUnavailableException if the module goes away
   */
  void follow(int replay, Consumer<Event> consumer);

  @Override
  void close();
}
