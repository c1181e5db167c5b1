// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads rule-sets from YAML and gathers every mistake. */
final class RuleSetReader {
  private RuleSetReader() {}

  /** What could be understood, without the rules and identities that have problems. */
  static Optional<RuleSet> parse(byte[] text, Problems problems) {
    Optional<Node> document =
        decode(text, problems).flatMap(yaml -> new YamlReader(problems).read(yaml));
    document.ifPresent(node -> SchemaChecker.ofRuleSet().check(node, problems));
    return document
        .filter(Node.Mapping.class::isInstance)
        .map(node -> new RuleSetBuilder(problems).build((Node.Mapping) node));
  }

  private static Optional<String> decode(byte[] text, Problems problems) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer out = CharBuffer.allocate(text.length);
    CoderResult result = decoder.decode(ByteBuffer.wrap(text), out, true);
    out.flip();
    if (result.isError()) {
      problems.add(end(out), "", "the file is not UTF-8");
      return Optional.empty();
    }
    return Optional.of(out.toString());
  }

  private static Position end(CharSequence text) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < text.length(); i++) {
      boolean newLine = text.charAt(i) == '\n';
      line += newLine ? 1 : 0;
      column = newLine ? 1 : column + 1;
    }
    return new Position(line, column);
  }
}
