// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads rule-sets from YAML and tells every mistake at once. */
public final class RuleSetReader {
  private RuleSetReader() {}

  /**
   * Reads a file.
   *
   * @throws RuleSetException with all mistakes, if there is any
   * @throws RuleSetFileException if the file cannot be read
   */
  public static RuleSet read(Path file) {
    return read(file.toString(), bytes(file));
  }

  /**
   * Reads a text.
   *
   * @param file the name that mistakes are told with
   * @throws RuleSetException with all mistakes, if there is any
   */
  public static RuleSet read(String file, byte[] text) {
    Problems problems = new Problems(file);
    Optional<RuleSet> ruleSet = parse(text, problems);
    if (problems.count() > 0) {
      throw new RuleSetException(problems.found());
    }
    return ruleSet.orElseThrow();
  }

  /** What could be understood, without the rules and identities that have problems. */
  static Optional<RuleSet> parse(byte[] text, Problems problems) {
    Optional<Node> document =
        decode(text, problems).flatMap(yaml -> new YamlReader(problems).read(yaml));
    document.ifPresent(node -> SchemaChecker.ofRuleSet().check(node, problems));
    return document
        .filter(Node.Mapping.class::isInstance)
        .map(node -> new RuleSetBuilder(problems).build((Node.Mapping) node));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RuleSetFileException(file, "there is no such file", e);
    } catch (IOException e) {
      throw new RuleSetFileException(file, "cannot be read: " + e.getMessage(), e);
    }
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
