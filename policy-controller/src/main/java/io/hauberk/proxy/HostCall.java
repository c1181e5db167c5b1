// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A function that guests import.
 *
 * @param name as guests call it
 * @param parameters what it takes; makes the signature, the checks and the trace
 * @param kind of it
 * @param allowed besides in callbacks
 * @param handler does it
 */
record HostCall(
    String name, List<Parameter> parameters, Kind kind, Set<When> allowed, Handler handler) {

  /** Who looks after its addresses, and whether it returns anything. */
  enum Kind {
    /** Of proxy-wasm: the numbers and addresses are right before it is handled. */
    PROXY,
    /** Of WASI: what is handled looks at them itself. */
    WASI,
    /** It returns nothing, and has no addresses. */
    SILENT
  }

  /** What an argument is. */
  enum Parameter {
    /** A number. */
    NUMBER('n', ValType.I32),
    /** The number of a {@link BufferType}. */
    BUFFER('B', BufferType.values().length),
    /** The number of a {@link MapType}. */
    MAP('M', MapType.values().length),
    /** The number of a {@link StreamType}. */
    STREAM('S', StreamType.values().length),
    /** The number of a {@link Metric.Type}. */
    METRIC('K', Metric.Type.values().length),
    /** The number of a {@link LogLevel}. */
    LEVEL('L', LogLevel.values().length),
    /** A number of 64 bits. */
    WIDE('N', ValType.I64),
    /** Bytes that the guest gives: address and length. */
    BYTES('s', ValType.I32, ValType.I32),
    /** Bytes that it gets: where their address goes, and where their length goes. */
    BYTES_OUT('o', ValType.I32, ValType.I32),
    /** The same, if the first address is not 0. */
    BYTES_WANTED('w', ValType.I32, ValType.I32),
    /** Where a number goes. */
    NUMBER_OUT('4', ValType.I32),
    /** Where a number of 64 bits goes. */
    WIDE_OUT('8', ValType.I32),
    /** An address that the function itself looks after; not shown. */
    HIDDEN('x', ValType.I32);

    private final char letter;
    private final List<ValType> types;
    private final long limit;

    Parameter(char letter, ValType... types) {
      this.letter = letter;
      this.types = List.of(types);
      this.limit = Long.MAX_VALUE;
    }

    Parameter(char letter, int limit) {
      this.letter = letter;
      this.types = List.of(ValType.I32);
      this.limit = limit;
    }

    /** What such a number is below. */
    long limit() {
      return limit;
    }

    /** How many arguments of the guest's it is. */
    int width() {
      return types.size();
    }

    private static Parameter of(int letter) {
      for (Parameter parameter : values()) {
        if (parameter.letter == letter) {
          return parameter;
        }
      }
      throw new IllegalArgumentException("no parameter is " + (char) letter);
    }
  }

  /** Where a function may be called besides in callbacks. */
  enum When {
    /** Before the root context is made. */
    START,
    /** While the host has the guest allocate. */
    ALLOCATION
  }

  /** Does what a function does. */
  interface Handler {
    Answer handle(Call call);
  }

  /** A function of proxy-wasm that callbacks may call. */
  static HostCall of(String name, String parameters, Handler handler) {
    return new HostCall(name, parameters(parameters), Kind.PROXY, Set.of(), handler);
  }

  /** A function of proxy-wasm that may be called anywhere. */
  static HostCall anywhere(String name, String parameters, Handler handler) {
    return new HostCall(
        name, parameters(parameters), Kind.PROXY, Set.of(When.START, When.ALLOCATION), handler);
  }

  /** A function of WASI. */
  static HostCall wasi(String name, String parameters, Handler handler) {
    return new HostCall(name, parameters(parameters), Kind.WASI, Set.of(When.START), handler);
  }

  /** A function that returns nothing. */
  static HostCall silent(String name, String parameters, Set<When> allowed, Handler handler) {
    return new HostCall(name, parameters(parameters), Kind.SILENT, allowed, handler);
  }

  private static List<Parameter> parameters(String letters) {
    return letters.chars().mapToObj(Parameter::of).toList();
  }

  FunctionType type() {
    List<ValType> types = new ArrayList<>();
    parameters.forEach(parameter -> types.addAll(parameter.types));
    return FunctionType.of(types, kind == Kind.SILENT ? List.of() : List.of(ValType.I32));
  }
}
