// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HostCall.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One call of a function of the host: its arguments, and what it gives back. */
final class Call {
  private final Vm vm;
  private final List<Parameter> parameters;
  private final long[] values;
  private final SortedMap<Integer, String> results = new TreeMap<>();

  Call(Vm vm, HostCall function, long[] values) {
    this.vm = vm;
    this.parameters = function.parameters();
    this.values = values;
  }

  Vm vm() {
    return vm;
  }

  private int at(int parameter) {
    int at = 0;
    for (int i = 0; i < parameter; i++) {
      at += parameters.get(i).width();
    }
    return at;
  }

  int number(int parameter) {
    return (int) values[at(parameter)];
  }

  long wide(int parameter) {
    return values[at(parameter)];
  }

  byte[] bytes(int parameter) {
    int at = at(parameter);
    return vm.memory().readBytes((int) values[at], (int) values[at + 1]);
  }

  String text(int parameter) {
    return Bytes.text(bytes(parameter));
  }

  /** Whether all numbers that name something name what there is. */
  boolean isNamed() {
    for (int i = 0; i < parameters.size(); i++) {
      if (Integer.toUnsignedLong((int) values[at(i)]) >= parameters.get(i).limit()) {
        return false;
      }
    }
    return true;
  }

  /** Whether the guest has all memory that it speaks of. */
  boolean isSound() {
    for (int i = 0; i < parameters.size(); i++) {
      if (!isSound(i)) {
        return false;
      }
    }
    return true;
  }

  boolean isSound(int parameter) {
    int at = at(parameter);
    int first = (int) values[at];
    GuestMemory memory = vm.memory();
    return switch (parameters.get(parameter)) {
      case BYTES -> memory.holds(first, (int) values[at + 1]);
      case BYTES_OUT ->
          memory.holds(first, Integer.BYTES) && memory.holds((int) values[at + 1], Integer.BYTES);
      case BYTES_WANTED ->
          first == 0
              || memory.holds(first, Integer.BYTES)
                  && memory.holds((int) values[at + 1], Integer.BYTES);
      case NUMBER_OUT -> memory.holds(first, Integer.BYTES);
      case WIDE_OUT -> memory.holds(first, Long.BYTES);
      default -> true;
    };
  }

  void put(int parameter, int value) {
    vm.memory().writeI32(number(parameter), value);
    results.put(parameter, Integer.toUnsignedString(value));
  }

  void put(int parameter, long value) {
    vm.memory().writeLong(number(parameter), value);
    results.put(parameter, Long.toString(value));
  }

  /** Gives bytes, in memory that the guest allocates; of none it gets address and length 0. */
  Status put(int parameter, byte[] bytes) {
    if (parameters.get(parameter) == Parameter.BYTES_WANTED && number(parameter) == 0) {
      return Status.OK;
    }
    int address = 0;
    if (bytes.length > 0) {
      address = vm.allocate(bytes.length);
      if (address == 0) {
        return Status.INTERNAL_FAILURE;
      }
      if (!vm.memory().holds(address, bytes.length)) {
        return Status.INVALID_MEMORY_ACCESS;
      }
      vm.memory().write(address, bytes);
    }
    int at = at(parameter);
    vm.memory().writeI32((int) values[at], address);
    vm.memory().writeI32((int) values[at + 1], bytes.length);
    results.put(parameter, Trace.bytes(bytes));
    return Status.OK;
  }

  /** What a trace shows of the arguments. */
  String arguments() {
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      int at = at(i);
      switch (parameters.get(i)) {
        case WIDE -> shown.add(Long.toString(values[at]));
        case BYTES -> shown.add(isSound(i) ? Trace.bytes(bytes(i)) : "invalid");
        case BYTES_OUT, BYTES_WANTED, NUMBER_OUT, WIDE_OUT, HIDDEN -> {}
        default -> shown.add(Integer.toUnsignedString((int) values[at]));
      }
    }
    return String.join(", ", shown);
  }

  /** What a trace shows of what was given back. */
  String results() {
    return results.values().stream().map(result -> " " + result).collect(Collectors.joining());
  }
}
