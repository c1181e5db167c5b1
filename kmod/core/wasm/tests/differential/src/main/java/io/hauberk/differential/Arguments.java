// SPDX-License-Identifier: Apache-2.0
package io.hauberk.differential;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.util.List;

/** What functions are called with: values at the edges of their types. */
final class Arguments {
  private static final long[] I32 = {
    0, 1, 0xffffffffL, 0x7fffffff, 0x80000000L, 42, 0xffff, 0x100, 0x0fffffff, 0xfffffff8L
  };
  private static final long[] I64 = {
    0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 42, 0xffffffffL, 0x100000000L, 0x80000000L, -128
  };
  private static final long[] F32 = {
    0,
    0x3f800000,
    0xbf800000L,
    0x7fc00000,
    0x7f800000,
    0xff800000L,
    0x80000000L,
    1,
    0x4f000000,
    0x40490fdb
  };
  private static final long[] F64 = {
    0,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x7ff8000000000000L,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x8000000000000000L,
    1,
    0x43e0000000000000L,
    0x400921fb54442d18L
  };

  private Arguments() {}

  /** The arguments of one round of calls of the export of this number. */
  static long[] of(FunctionType type, int export, int round) {
    List<ValType> params = type.params();
    long[] values = new long[params.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(params.get(i), export * 7 + i * 3 + round * 5);
    }
    return values;
  }

  private static long value(ValType type, int choice) {
    if (type.equals(ValType.I32)) {
      return (int) I32[choice % I32.length];
    }
    if (type.equals(ValType.I64)) {
      return I64[choice % I64.length];
    }
    if (type.equals(ValType.F32)) {
      return F32[choice % F32.length];
    }
    if (type.equals(ValType.F64)) {
      return F64[choice % F64.length];
    }
    return Value.REF_NULL_VALUE;
  }
}
