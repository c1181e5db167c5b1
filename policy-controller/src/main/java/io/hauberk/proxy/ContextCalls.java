// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.List;

/** The functions for contexts, for the log, for clocks and timers. */
final class ContextCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.anywhere("proxy_log", "Ls", ContextCalls::log),
          HostCall.of("proxy_get_log_level", "4", ContextCalls::logLevel),
          HostCall.of("proxy_get_current_time_nanoseconds", "8", ContextCalls::time),
          HostCall.of("proxy_set_tick_period_milliseconds", "n", ContextCalls::tickPeriod),
          HostCall.of(
              "proxy_set_effective_context", "n", call -> call.vm().setEffective(call.number(0))),
          HostCall.of("proxy_done", "", call -> call.vm().done()),
          HostCall.of("proxy_get_status", "4o", ContextCalls::callStatus));

  private ContextCalls() {}

  private static Answer log(Call call) {
    call.vm().log(LogLevel.values()[call.number(0)], call.bytes(1));
    return Status.OK;
  }

  private static Answer logLevel(Call call) {
    call.put(0, LogLevel.TRACE.ordinal());
    return Status.OK;
  }

  private static Answer time(Call call) {
    call.put(0, call.vm().world().nanoseconds(false));
    return Status.OK;
  }

  private static Answer tickPeriod(Call call) {
    call.vm().setTickPeriod(call.number(0));
    return Status.OK;
  }

  private static Answer callStatus(Call call) {
    CallAnswer answer = call.vm().answer();
    Status status = call.put(1, Bytes.of(answer.message()));
    if (status == Status.OK) {
      call.put(0, answer.status());
    }
    return status;
  }
}
