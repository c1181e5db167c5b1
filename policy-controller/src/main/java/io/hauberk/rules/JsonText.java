// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A part of a document as JSON, in the order in which it was written. */
final class JsonText {
  private final StringWriter text = new StringWriter();
  private final JsonGenerator generator =
      new JsonFactory().createGenerator(ObjectWriteContext.empty(), text);

  private JsonText() {}

  static String of(Node node) {
    JsonText json = new JsonText();
    json.write(node);
    json.generator.close();
    return json.text.toString();
  }

  private void write(Node node) {
    if (node instanceof Node.Mapping mapping) {
      generator.writeStartObject();
      for (Node.Entry entry : mapping.entries()) {
        generator.writeName(entry.key());
        write(entry.value());
      }
      generator.writeEndObject();
    } else if (node instanceof Node.Sequence sequence) {
      generator.writeStartArray();
      sequence.items().forEach(this::write);
      generator.writeEndArray();
    } else if (node instanceof Node.Scalar scalar) {
      write(scalar.value());
    } else {
      generator.writeNull(); // what was refused already
    }
  }

  private void write(Object value) {
    if (value instanceof String string) {
      generator.writeString(string);
    } else if (value instanceof Long number) {
      generator.writeNumber(number);
    } else if (value instanceof Double number) {
      generator.writeNumber(number);
    } else if (value instanceof Boolean truth) {
      generator.writeBoolean(truth);
    } else {
      generator.writeNull();
    }
  }
}
