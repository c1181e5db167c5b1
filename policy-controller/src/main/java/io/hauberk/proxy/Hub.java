// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the guests of one vm_id share: data, queues and metrics. All of it is bounded. */
final class Hub {
  /** Bytes of the name of a queue or of a metric. */
  static final int NAME_MAX = 256;

  private static final int KEYS_MAX = 4096;
  private static final int KEY_MAX = 256;
  private static final int VALUE_MAX = 65536;
  private static final int DATA_MAX = 4 << 20;
  private static final int QUEUES_MAX = 64;
  private static final int ITEMS_MAX = 4096;
  private static final int ITEM_MAX = 65536;
  private static final int QUEUE_MAX = 1 << 20;
  private static final int METRICS_MAX = 256;

  private final String vmId;
  private final Map<String, Datum> data = new HashMap<>();
  private final List<Queue> queues = new ArrayList<>();
  private final List<Metric> metrics = new ArrayList<>();
  private int lastCas;

  Hub(String vmId) {
    this.vmId = vmId;
  }

  /** A value with the number that a change has to name. */
  record Datum(byte[] value, int cas) {}

  private static final class Queue {
    private final String name;
    private final Deque<byte[]> items = new ArrayDeque<>();
    private int bytes;

    Queue(String name) {
      this.name = name;
    }
  }

  Status setData(String key, byte[] value, int cas) {
    if (key.length() > KEY_MAX || value.length > VALUE_MAX) {
      return Status.BAD_ARGUMENT;
    }
    Datum old = data.get(key);
    if (cas != 0 && (old == null || old.cas() != cas)) {
      return Status.CAS_MISMATCH;
    }
    int kept =
        data.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(key))
            .mapToInt(entry -> entry.getKey().length() + entry.getValue().value().length)
            .sum();
    if (old == null && data.size() == KEYS_MAX || kept + key.length() + value.length > DATA_MAX) {
      return Status.INTERNAL_FAILURE;
    }
    data.put(key, new Datum(value, ++lastCas));
    return Status.OK;
  }

  Optional<Datum> data(String key) {
    return Optional.ofNullable(data.get(key));
  }

  /** The number of a queue, which is made if it is not there; nothing if there are too many. */
  Optional<Integer> registerQueue(String name) {
    Optional<Integer> there = resolveQueue(vmId, name);
    if (there.isPresent() || queues.size() == QUEUES_MAX) {
      return there;
    }
    queues.add(new Queue(name));
    return Optional.of(queues.size());
  }

  Optional<Integer> resolveQueue(String owner, String name) {
    for (int i = 0; i < queues.size() && owner.equals(vmId); i++) {
      if (queues.get(i).name.equals(name)) {
        return Optional.of(i + 1);
      }
    }
    return Optional.empty();
  }

  private Optional<Queue> queue(int id) {
    return id >= 1 && id <= queues.size() ? Optional.of(queues.get(id - 1)) : Optional.empty();
  }

  Status enqueue(int id, byte[] item) {
    Optional<Queue> found = queue(id);
    if (found.isEmpty()) {
      return Status.NOT_FOUND;
    }
    Queue queue = found.get();
    if (item.length > ITEM_MAX) {
      return Status.BAD_ARGUMENT;
    }
    if (queue.items.size() == ITEMS_MAX || queue.bytes + item.length > QUEUE_MAX) {
      return Status.INTERNAL_FAILURE;
    }
    queue.items.add(item);
    queue.bytes += item.length;
    return Status.OK;
  }

  boolean hasQueue(int id) {
    return queue(id).isPresent();
  }

  /** The first item, which stays until {@link #drop}. */
  Optional<byte[]> peek(int id) {
    return queue(id).map(queue -> queue.items.peek());
  }

  void drop(int id) {
    queue(id).ifPresent(queue -> queue.bytes -= queue.items.remove().length);
  }

  /** The number of the metric of this name. */
  Optional<Integer> metricNamed(String name) {
    for (int i = 0; i < metrics.size(); i++) {
      if (metrics.get(i).name().equals(name)) {
        return Optional.of(metricId(i));
      }
    }
    return Optional.empty();
  }

  /** Makes a metric; nothing if there are too many. */
  Optional<Integer> defineMetric(Metric.Type type, String name) {
    if (metrics.size() == METRICS_MAX) {
      return Optional.empty();
    }
    metrics.add(new Metric(type, name));
    return Optional.of(metricId(metrics.size() - 1));
  }

  /** The type is in the two lowest bits. */
  private int metricId(int index) {
    return index + 1 << 2 | metrics.get(index).type().ordinal();
  }

  Optional<Metric> metric(int id) {
    int index = (id >>> 2) - 1;
    return index >= 0 && index < metrics.size() && metricId(index) == id
        ? Optional.of(metrics.get(index))
        : Optional.empty();
  }
}
