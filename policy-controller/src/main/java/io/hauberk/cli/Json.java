// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import java.io.PrintStream;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one JSON value and a line feed. Only Jackson's core is used: binding objects would take
 * longer than everything else that a verb does.
 */
final class Json implements AutoCloseable {
  private final StringWriter text = new StringWriter();
  private final JsonGenerator generator =
      new JsonFactory().createGenerator(ObjectWriteContext.empty(), text);
  private final PrintStream out;

  Json(PrintStream out) {
    this.out = out;
  }

  Json name(String name) {
    generator.writeName(name);
    return this;
  }

  void object(Runnable members) {
    generator.writeStartObject();
    members.run();
    generator.writeEndObject();
  }

  void array(Runnable elements) {
    generator.writeStartArray();
    elements.run();
    generator.writeEndArray();
  }

  Json put(String name, String value) {
    generator.writeStringProperty(name, value);
    return this;
  }

  Json put(String name, long value) {
    generator.writeNumberProperty(name, value);
    return this;
  }

  Json put(String name, boolean value) {
    generator.writeBooleanProperty(name, value);
    return this;
  }

  /** A time that is not known is null. */
  Json put(String name, Instant value) {
    if (value.equals(Instant.EPOCH)) {
      generator.writeNullProperty(name);
      return this;
    }
    return put(name, value.toString());
  }

  Json put(String name, List<String> values) {
    name(name).array(() -> values.forEach(generator::writeString));
    return this;
  }

  @Override
  public void close() {
    generator.close();
    out.println(text);
  }
}
