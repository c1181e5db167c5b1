// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.device.Device;
import io.hauberk.device.DeviceRefusedException;
import io.hauberk.device.Errno;
import io.hauberk.rules.FilterModule;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The modules of filters as guests of the kernel. Their names follow from their content, so that a
 * changed module is loaded beside the old one, and connections that have the old one keep it.
 */
final class FilterModules {
  private final Device device;
  private final List<FilterModule> modules;
  private final List<String> loaded = new ArrayList<>();

  FilterModules(Device device, List<FilterModule> modules) {
    this.device = device;
    this.modules = modules;
  }

  /**
   * Loads what is missing.
   *
   * @throws DeviceRefusedException if the kernel does not take a module: then none is left behind
   */
  void load() {
    if (modules.isEmpty()) {
      return;
    }
    Set<String> present = device.guests().stream().map(Guest::name).collect(Collectors.toSet());
    try {
      for (FilterModule module : modules) {
        if (present.add(module.guest())) {
          device.load(new GuestModule(module.guest(), module.bytes(), false, false, false));
          loaded.add(module.guest());
        }
      }
    } catch (DeviceRefusedException e) {
      takeBack();
      throw e;
    }
  }

  /** Unloads what {@link #load()} has loaded. */
  void takeBack() {
    loaded.forEach(this::unload);
    loaded.clear();
  }

  /**
   * Unloads the guests of filters that are not among these modules.
   *
   * @return whether none is left
   */
  boolean sweep() {
    Set<String> used = modules.stream().map(FilterModule::guest).collect(Collectors.toSet());
    boolean clean = true;
    for (Guest guest : device.guests()) {
      boolean ours = !FilterModule.filterOf(guest.name(), guest.digest()).isEmpty();
      if (ours && !used.contains(guest.name())) {
        clean &= unload(guest.name());
      }
    }
    return clean;
  }

  /** Whether the guest is gone; one that is in use stays. */
  private boolean unload(String guest) {
    try {
      device.unload(guest);
      return true;
    } catch (DeviceRefusedException e) {
      return e.errno() == Errno.ENOENT;
    }
  }
}
