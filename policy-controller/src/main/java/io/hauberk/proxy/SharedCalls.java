// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.List;
import java.util.Optional;

/** The functions for shared data, shared queues and metrics. */
final class SharedCalls {
  static final List<HostCall> ALL =
      List.of(
          HostCall.of(
              "proxy_set_shared_data",
              "ssn",
              call -> call.vm().hub().setData(call.text(0), call.bytes(1), call.number(2))),
          HostCall.of("proxy_get_shared_data", "so4", SharedCalls::data),
          HostCall.of("proxy_register_shared_queue", "s4", SharedCalls::register),
          HostCall.of("proxy_resolve_shared_queue", "ss4", SharedCalls::resolve),
          HostCall.of(
              "proxy_enqueue_shared_queue",
              "ns",
              call -> call.vm().hub().enqueue(call.number(0), call.bytes(1))),
          HostCall.of("proxy_dequeue_shared_queue", "no", SharedCalls::dequeue),
          HostCall.of("proxy_define_metric", "Ks4", SharedCalls::defineMetric),
          HostCall.of(
              "proxy_record_metric",
              "nN",
              call -> metric(call).map(m -> m.record(call.wide(1))).orElse(Status.NOT_FOUND)),
          HostCall.of(
              "proxy_increment_metric",
              "nN",
              call -> metric(call).map(m -> m.add(call.wide(1))).orElse(Status.NOT_FOUND)),
          HostCall.of("proxy_get_metric", "n8", SharedCalls::getMetric));

  private SharedCalls() {}

  private static Answer data(Call call) {
    Optional<Hub.Datum> datum = call.vm().hub().data(call.text(0));
    if (datum.isEmpty()) {
      return Status.NOT_FOUND;
    }
    Status status = call.put(1, datum.get().value());
    if (status == Status.OK) {
      call.put(2, datum.get().cas());
    }
    return status;
  }

  private static Answer register(Call call) {
    if (call.bytes(0).length > Hub.NAME_MAX) {
      return Status.BAD_ARGUMENT;
    }
    return give(call, 1, call.vm().hub().registerQueue(call.text(0)), Status.INTERNAL_FAILURE);
  }

  private static Answer resolve(Call call) {
    return give(
        call, 2, call.vm().hub().resolveQueue(call.text(0), call.text(1)), Status.NOT_FOUND);
  }

  private static Answer give(Call call, int parameter, Optional<Integer> number, Status otherwise) {
    number.ifPresent(id -> call.put(parameter, (int) id));
    return number.isPresent() ? Status.OK : otherwise;
  }

  private static Answer dequeue(Call call) {
    Hub hub = call.vm().hub();
    int id = call.number(0);
    if (!hub.hasQueue(id)) {
      return Status.NOT_FOUND;
    }
    Optional<byte[]> item = hub.peek(id);
    if (item.isEmpty()) {
      return Status.EMPTY;
    }
    Status status = call.put(1, item.get());
    if (status == Status.OK) {
      hub.drop(id);
    }
    return status;
  }

  private static Answer defineMetric(Call call) {
    Metric.Type type = Metric.Type.values()[call.number(0)];
    String name = call.text(1);
    Hub hub = call.vm().hub();
    Optional<Integer> there = hub.metricNamed(name);
    boolean other = there.flatMap(hub::metric).map(m -> m.type() != type).orElse(false);
    if (other || name.length() > Hub.NAME_MAX) {
      return Status.BAD_ARGUMENT;
    }
    return give(call, 2, there.or(() -> hub.defineMetric(type, name)), Status.INTERNAL_FAILURE);
  }

  private static Optional<Metric> metric(Call call) {
    return call.vm().hub().metric(call.number(0));
  }

  private static Answer getMetric(Call call) {
    Optional<Metric> metric = metric(call);
    if (metric.isEmpty()) {
      return Status.NOT_FOUND;
    }
    if (metric.get().type() == Metric.Type.HISTOGRAM) {
      return Status.BAD_ARGUMENT;
    }
    call.put(1, metric.get().value());
    return Status.OK;
  }
}
