// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The checker that knows lines and a general JSON Schema validator agree. */
class SchemaAgreementTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private static String schemaText() throws IOException {
    return Files.readString(Path.of("../docs/rule-set.schema.json"));
  }

  @Test
  void theSchemaIsOne() throws IOException {
    Schema meta =
        REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    assertThat(meta.validate(YAML.readTree(schemaText()))).isEmpty();
  }

  /** The cases that are YAML at least: the others never come as far as a schema. */
  static Stream<BadRuleSets.Case> wellFormed() throws IOException {
    return BadRuleSets.cases()
        .filter(
            bad -> {
              Problems problems = new Problems("rules.yaml");
              new YamlReader(problems).read(bad.yaml());
              return problems.count() == 0;
            });
  }

  @ParameterizedTest
  @MethodSource("wellFormed")
  void bothRefuseTheSame(BadRuleSets.Case bad) throws IOException {
    Problems problems = new Problems("rules.yaml");
    Node document = new YamlReader(problems).read(bad.yaml()).orElse(null);
    SchemaChecker.ofRuleSet().check(document, problems);
    JsonNode tree = YAML.readTree(bad.yaml());
    Schema schema = REGISTRY.getSchema(schemaText());
    assertThat(schema.validate(tree).isEmpty())
        .as("%s", problems.found())
        .isEqualTo(problems.count() == 0);
  }
}
