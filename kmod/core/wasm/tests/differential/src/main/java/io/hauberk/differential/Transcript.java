// SPDX-License-Identifier: Apache-2.0
package io.hauberk.differential;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;

/**
 * What a module does: every exported function is called twice in the same instance; then come a
 * checksum of what it told its host and one of its memory.
 *
 * <p>The bits of a NaN are an engine's own affair: in results and in what the host is told they are
 * made the canonical ones. A line that says "resource" ends the transcript: there is no point in
 * comparing how much each engine has.
 */
final class Transcript {
  private static final int ROUNDS = 2;
  private static final long NAN_32 = 0x7fc00000L;
  private static final long NAN_64 = 0x7ff8000000000000L;

  private final PrintStream out;
  private final Function<Instance, Machine> machine;
  private final CRC32 told = new CRC32();

  Transcript(PrintStream out, Function<Instance, Machine> machine) {
    this.out = out;
    this.machine = machine;
  }

  void of(byte[] bytes) {
    WasmModule module = Parser.parse(bytes);
    Instance instance;
    try {
      instance =
          Instance.builder(module)
              .withMemoryFactory(BoundedMemory::of)
              .withMachineFactory(machine)
              .withImportValues(imports())
              .build();
      dropActiveSegments(module, instance);
    } catch (ChicoryException e) {
      out.println("start ! " + trap(e));
      return;
    }
    ExportSection exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      Export export = exports.getExport(i);
      if (export.exportType() != ExternalType.FUNCTION) {
        continue;
      }
      for (int round = 0; round < ROUNDS; round++) {
        if (!call(instance, export.name(), i, round)) {
          return;
        }
      }
    }
    out.printf("told %08x%n", told.getValue());
    Memory memory = instance.memory();
    if (memory != null) {
      CRC32 sum = new CRC32();
      sum.update(memory.readBytes(0, Memory.PAGE_SIZE * memory.pages()));
      out.printf("memory %d %08x%n", memory.pages(), sum.getValue());
    }
  }

  /**
   * An active data segment is gone once the memory has it; Chicory 1.7.5 keeps it for memory.init.
   */
  private static void dropActiveSegments(WasmModule module, Instance instance) {
    DataSegment[] segments = module.dataSection().dataSegments();
    for (int i = 0; i < segments.length; i++) {
      if (segments[i] instanceof ActiveDataSegment) {
        instance.memory().drop(i);
      }
    }
  }

  private boolean call(Instance instance, String name, int export, int round) {
    FunctionType type = instance.exportType(name);
    String outcome;
    try {
      outcome = results(type.returns(), apply(instance, name, Arguments.of(type, export, round)));
    } catch (ChicoryException e) {
      outcome = " ! " + trap(e);
    }
    out.println("call " + name + outcome);
    return !outcome.endsWith("resource");
  }

  private static long[] apply(Instance instance, String name, long[] arguments) {
    try {
      return instance.export(name).apply(arguments);
    } catch (StackOverflowError e) {
      throw new ChicoryException("call stack exhausted", e);
    }
  }

  private static String results(List<ValType> types, long[] values) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < types.size(); i++) {
      text.append(' ').append(result(types.get(i), values[i]));
    }
    return text.toString();
  }

  private static String result(ValType type, long value) {
    if (type.equals(ValType.I32)) {
      return "i32:" + Long.toHexString(value & 0xffffffffL);
    }
    if (type.equals(ValType.I64)) {
      return "i64:" + Long.toHexString(value);
    }
    if (type.equals(ValType.F32)) {
      return "f32:" + Long.toHexString(canonical32(value));
    }
    if (type.equals(ValType.F64)) {
      return "f64:" + Long.toHexString(canonical64(value));
    }
    return value == Value.REF_NULL_VALUE ? "ref:null" : "ref:some";
  }

  private static long canonical32(long bits) {
    return (bits & 0x7fffffffL) > 0x7f800000L ? NAN_32 : bits & 0xffffffffL;
  }

  private static long canonical64(long bits) {
    return (bits & Long.MAX_VALUE) > 0x7ff0000000000000L ? NAN_64 : bits;
  }

  /** What the core test suite calls it. */
  private static String trap(ChicoryException e) {
    if (e instanceof ChicoryInterruptedException) {
      return "resource";
    }
    String message = String.valueOf(e.getMessage());
    return TRAPS.entrySet().stream()
        .filter(trap -> message.contains(trap.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(message);
  }

  private static final Map<String, String> TRAPS =
      Map.ofEntries(
          Map.entry("unreachable", "unreachable"),
          Map.entry("integer divide by zero", "integer divide by zero"),
          Map.entry("integer overflow", "integer overflow"),
          Map.entry("invalid conversion to integer", "invalid conversion to integer"),
          Map.entry("out of bounds memory access", "out of bounds memory access"),
          Map.entry("out of bounds table access", "out of bounds table access"),
          Map.entry("undefined element", "undefined element"),
          Map.entry("uninitialized element", "uninitialized element"),
          Map.entry("indirect call type mismatch", "indirect call type mismatch"),
          Map.entry("call stack exhausted", "resource"));

  private ImportValues imports() {
    return ImportValues.builder()
        .addFunction(
            teller("log-i32", ValType.I32),
            teller("log-i64", ValType.I64),
            teller("log-f32", ValType.F32),
            teller("log-f64", ValType.F64))
        .build();
  }

  private ImportFunction teller(String name, ValType type) {
    return new HostFunction(
        "fuzzing-support",
        name,
        FunctionType.accepting(type),
        (instance, arguments) -> {
          tell(bits(type, arguments[0]));
          return new long[0];
        });
  }

  private static long bits(ValType type, long value) {
    if (type.equals(ValType.I32)) {
      return value & 0xffffffffL;
    }
    if (type.equals(ValType.F32)) {
      return canonical32(value);
    }
    return type.equals(ValType.F64) ? canonical64(value) : value;
  }

  private void tell(long bits) {
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      told.update((int) (bits >>> shift) & 0xff);
    }
  }
}
