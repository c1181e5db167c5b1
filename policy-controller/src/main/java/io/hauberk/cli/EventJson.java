// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Connection;
import io.hauberk.device.Event;
import java.io.PrintStream;

/** An event as one line of JSON; docs/operations.md lists the members. */
final class EventJson {
  private EventJson() {}

  static void print(PrintStream out, Event event) {
    try (Json json = new Json(out)) {
      json.object(() -> write(json, event));
    }
  }

  private static void write(Json json, Event event) {
    if (event instanceof Event.Opened opened) {
      connection(json, "opened", opened.connection(), "");
    } else if (event instanceof Event.Closed closed) {
      connection(json, "closed", closed.connection(), closed.reason());
    } else if (event instanceof Event.Refused refused) {
      connection(json, "refused", refused.connection(), refused.reason());
    } else if (event instanceof Event.RuleSetChanged changed) {
      json.put("event", "rule-set")
          .put("time", changed.time())
          .put("generation", changed.generation())
          .put("label", changed.label());
    } else if (event instanceof Event.GuestLoaded loaded) {
      guest(json, "guest-loaded", event, loaded.guest());
      json.put("size", loaded.size()).put("compiled", loaded.compiled());
    } else if (event instanceof Event.GuestUnloaded unloaded) {
      guest(json, "guest-unloaded", event, unloaded.guest());
    } else if (event instanceof Event.GuestQuarantined quarantined) {
      guest(json, "guest-quarantined", event, quarantined.guest());
      json.put("traps", quarantined.traps());
    } else if (event instanceof Event.FilterFailed failed) {
      json.put("event", "filter-failed")
          .put("time", failed.time())
          .put("filter", failed.filter())
          .put("rule", failed.rule())
          .put("connection", failed.connection())
          .put("trap", failed.trap())
          .put("reason", failed.reason());
    } else if (event instanceof Event.Lost lost) {
      json.put("event", "lost").put("time", lost.time()).put("count", lost.count());
    }
  }

  private static void guest(Json json, String kind, Event event, String guest) {
    json.put("event", kind).put("time", event.time()).put("guest", guest);
  }

  private static void connection(Json json, String kind, Connection connection, String reason) {
    json.put("event", kind);
    ConnectionJson.write(json, connection);
    json.put("reason", reason);
  }
}
