// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestCall;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestLog;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.GuestResult;
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

  /**
   * Validates a module and keeps it under its name.
   *
   * @throws DeviceRefusedException if the kernel does not take it: then nothing has changed
   */
  void load(GuestModule module);

  /** The guests that were loaded. */
  List<Guest> guests();

  /**
   * One guest.
   *
   * @throws DeviceRefusedException if there is none of this name
   */
  GuestDetails guest(String name);

  /**
   * Calls an export of a guest, in an instance of its own.
   *
   * @throws DeviceRefusedException if it cannot be called at all; a trap is a result
   */
  GuestResult run(GuestCall call);

  /**
   * What guests have said, as far as the kernel still has it.
   *
   * @param position where to begin: 0, that of an earlier answer, or {@link GuestLog#END}
   */
  GuestLog guestLog(long position);

  /**
   * Forgets a guest.
   *
   * @throws DeviceRefusedException if there is none of this name, or it is in use
   */
  void unload(String name);

  /** The filters of the rule-set in force, and how they fare. */
  List<FilterStatus> filters();

  /** What filters count by names of their own. */
  List<Metric> metrics();

  @Override
  void close();
}
