// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A running module: what it exports can be called, within a budget, until it traps. */
final class GuestInstance {
  /** Calls in one another, as the engine of the kernel bounds them. */
  private static final int DEPTH_MAX = 1000;

  private final Set<String> functions = new HashSet<>();
  private final Instance instance;
  private GuestMemory memory = new GuestMemory(new MemoryLimits(0, 0));
  private long budget;
  private long left;
  private int calls;

  /** Nothing of the module has run yet: {@link #start} does that. */
  GuestInstance(WasmModule module, List<HostFunction> imports, long budget) {
    this.budget = budget;
    ExportSection exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      Export export = exports.getExport(i);
      if (export.exportType() == ExternalType.FUNCTION) {
        functions.add(export.name());
      }
    }
    this.instance =
        Instance.builder(module)
            .withImportValues(
                ImportValues.builder().addFunction(imports.toArray(ImportFunction[]::new)).build())
            .withMemoryFactory(limits -> memory = new GuestMemory(limits))
            .withMachineFactory(ShallowMachine::new)
            .withUnsafeExecutionListener((instruction, stack) -> charge())
            .withInitialize(false)
            .withStart(false)
            .build();
  }

  private void charge() {
    if (--left < 0) {
      throw new GuestTrap(GuestTrap.FUEL);
    }
  }

  /** Fills memory and tables, and runs the module's start function. */
  void start() {
    run(
        () -> {
          instance.initialize(false);
          return NOTHING;
        });
  }

  boolean exports(String name, FunctionType type) {
    return functions.contains(name) && instance.exportType(name).equals(type);
  }

  /** How many instructions a call may take from now on. */
  void setBudget(long instructions) {
    budget = instructions;
  }

  GuestMemory memory() {
    return memory;
  }

  /**
   * Calls an export. A call that is made while another one runs takes of the same budget.
   *
   * @return the first result, or 0 if there is none
   */
  int call(String name, int... arguments) {
    long[] values = new long[arguments.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = arguments[i];
    }
    long[] results = run(() -> instance.export(name).apply(values));
    return results == null || results.length == 0 ? 0 : (int) results[0];
  }

  private interface Action {
    long[] run();
  }

  private static final long[] NOTHING = {};

  private long[] run(Action action) {
    if (calls++ == 0) {
      left = budget;
    }
    try {
      return action.run();
    } catch (StackOverflowError e) {
      throw new GuestTrap(GuestTrap.STACK);
    } catch (RuntimeException e) {
      throw GuestTrap.of(e);
    } finally {
      calls--;
    }
  }

  /** Chicory's interpreter, with the kernel's bound on calls in one another. */
  private static final class ShallowMachine extends InterpreterMachine {
    private int depth;

    ShallowMachine(Instance instance) {
      super(instance);
    }

    @Override
    protected long[] call(
        MStack stack,
        Instance instance,
        Deque<StackFrame> frames,
        int function,
        long[] arguments,
        FunctionType type,
        boolean popResults) {
      if (++depth > DEPTH_MAX) {
        throw new GuestTrap(GuestTrap.STACK);
      }
      try {
        return super.call(stack, instance, frames, function, arguments, type, popResults);
      } finally {
        depth--;
      }
    }
  }
}
