// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HostCall.When;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/** What of WASI programs want that are filters: there are no files but for the log. */
final class WasiCalls {
  static final List<String> MODULES = List.of("wasi_snapshot_preview1", "wasi_unstable");

  static final List<HostCall> ALL =
      List.of(
          HostCall.wasi("fd_write", "nxx4", WasiCalls::write),
          HostCall.wasi("fd_read", "nxx4", WasiCalls::read),
          HostCall.wasi("fd_seek", "nNnx", call -> ofStandard(call, WasiError.SPIPE)),
          HostCall.wasi("fd_close", "n", call -> ofStandard(call, WasiError.SUCCESS)),
          HostCall.wasi("fd_fdstat_get", "nx", WasiCalls::describe),
          HostCall.wasi("fd_fdstat_set_flags", "nn", call -> ofStandard(call, WasiError.SUCCESS)),
          HostCall.wasi("fd_filestat_get", "nx", call -> WasiError.BADF),
          HostCall.wasi("path_open", "nnxxnNNnx", call -> WasiError.NOENT),
          HostCall.wasi("path_filestat_get", "nnxxx", call -> WasiError.NOTSUP),
          HostCall.wasi("poll_oneoff", "xxn4", WasiCalls::poll),
          HostCall.wasi("fd_prestat_get", "nx", call -> WasiError.BADF),
          HostCall.wasi("fd_prestat_dir_name", "nxx", call -> WasiError.BADF),
          HostCall.wasi("clock_time_get", "nN8", call -> clock(call, 2, WasiCalls::time)),
          HostCall.wasi("clock_res_get", "n8", call -> clock(call, 1, of -> 1)),
          HostCall.wasi("random_get", "xn", WasiCalls::random),
          HostCall.wasi("environ_sizes_get", "44", WasiCalls::nothing),
          HostCall.wasi("environ_get", "xx", call -> WasiError.SUCCESS),
          HostCall.wasi("args_sizes_get", "44", WasiCalls::nothing),
          HostCall.wasi("args_get", "xx", call -> WasiError.SUCCESS),
          HostCall.wasi("sched_yield", "", call -> WasiError.SUCCESS),
          HostCall.silent("proc_exit", "n", Set.of(When.START), WasiCalls::exit));

  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int MONOTONIC = 1;
  private static final int PIECES_MAX = 1024;
  private static final int PIECE = 2 * Integer.BYTES;
  private static final int RANDOM_MAX = 65536;
  private static final int DESCRIPTION = 24;
  private static final int RIGHTS_AT = 8;
  private static final byte CHARACTER_DEVICE = 2;
  private static final long RIGHT_TO_WRITE = 64;

  private WasiCalls() {}

  private static boolean isStandard(Call call) {
    return Integer.compareUnsigned(call.number(0), STDERR) <= 0;
  }

  private static Answer ofStandard(Call call, WasiError answer) {
    return isStandard(call) ? answer : WasiError.BADF;
  }

  private static Answer write(Call call) {
    int file = call.number(0);
    if (file != STDOUT && file != STDERR) {
      return WasiError.BADF;
    }
    int pieces = call.number(1);
    int count = call.number(2);
    if (Integer.compareUnsigned(count, PIECES_MAX) > 0) {
      return WasiError.INVAL;
    }
    GuestMemory memory = call.vm().memory();
    if (!memory.holds(pieces, count * PIECE)) {
      return WasiError.FAULT;
    }
    ByteQueue text = new ByteQueue();
    for (int i = 0; i < count; i++) {
      int address = memory.readInt(pieces + i * PIECE);
      int length = memory.readInt(pieces + i * PIECE + Integer.BYTES);
      if (!memory.holds(address, length)) {
        return WasiError.FAULT;
      }
      text.append(memory.readBytes(address, length));
    }
    if (!call.isSound(3)) {
      return WasiError.FAULT;
    }
    byte[] all = text.bytes();
    int shown = all.length > 0 && all[all.length - 1] == '\n' ? all.length - 1 : all.length;
    if (shown > 0) {
      LogLevel level = file == STDOUT ? LogLevel.INFO : LogLevel.ERROR;
      call.vm().log(level, Arrays.copyOf(all, shown));
    }
    call.put(3, all.length);
    return WasiError.SUCCESS;
  }

  private static Answer read(Call call) {
    if (call.number(0) != STDIN) {
      return WasiError.BADF;
    }
    if (!call.isSound()) {
      return WasiError.FAULT;
    }
    call.put(3, 0);
    return WasiError.SUCCESS;
  }

  private static Answer describe(Call call) {
    if (!isStandard(call)) {
      return WasiError.BADF;
    }
    int to = call.number(1);
    if (!call.vm().memory().holds(to, DESCRIPTION)) {
      return WasiError.FAULT;
    }
    ByteBuffer description = ByteBuffer.allocate(DESCRIPTION).order(ByteOrder.LITTLE_ENDIAN);
    description.put(0, CHARACTER_DEVICE);
    description.putLong(RIGHTS_AT, call.number(0) == STDIN ? 0 : RIGHT_TO_WRITE);
    call.vm().memory().write(to, description.array());
    return WasiError.SUCCESS;
  }

  private static Answer clock(Call call, int out, ToLongFunction<Call> value) {
    if (Integer.compareUnsigned(call.number(0), MONOTONIC) > 0) {
      return WasiError.NOTSUP;
    }
    if (!call.isSound(out)) {
      return WasiError.FAULT;
    }
    call.put(out, value.applyAsLong(call));
    return WasiError.SUCCESS;
  }

  private static long time(Call call) {
    return call.vm().world().nanoseconds(call.number(0) == MONOTONIC);
  }

  private static Answer random(Call call) {
    int to = call.number(0);
    int length = call.number(1);
    if (!call.vm().memory().holds(to, length)) {
      return WasiError.FAULT;
    }
    if (Integer.compareUnsigned(length, RANDOM_MAX) > 0) {
      return WasiError.INVAL;
    }
    call.vm().memory().write(to, call.vm().world().random(length));
    return WasiError.SUCCESS;
  }

  /** There is nothing to wait for. */
  private static Answer poll(Call call) {
    if (!call.isSound(3)) {
      return WasiError.FAULT;
    }
    call.put(3, 0);
    return WasiError.SUCCESS;
  }

  private static Answer nothing(Call call) {
    if (!call.isSound()) {
      return WasiError.FAULT;
    }
    call.put(0, 0);
    call.put(1, 0);
    return WasiError.SUCCESS;
  }

  private static Answer exit(Call call) {
    throw new GuestTrap(GuestTrap.EXIT);
  }
}
