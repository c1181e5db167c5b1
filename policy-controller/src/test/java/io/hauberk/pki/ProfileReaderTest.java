// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.rules.KeyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProfileReaderTest {
  private static final Path DELIVERED = Path.of("../certs/profiles");
  private static final String HEAD = "apiVersion: hauberk/v1\nkind: CertificateProfile\n";

  @TempDir private Path directory;

  static Stream<Path> deliveredProfiles() throws IOException {
    return Files.list(DELIVERED);
  }

  @ParameterizedTest
  @MethodSource("deliveredProfiles")
  void whatIsDeliveredIsReadable(Path profile) {
    assertThat(ProfileReader.read(profile).leafLifetime()).isPositive();
  }

  @Test
  void theDefaultIsWhatTheFileSays() {
    assertThat(ProfileReader.read(DELIVERED.resolve("default.yaml"))).isEqualTo(Profile.DEFAULT);
  }

  @Test
  void whatIsAbsentKeepsTheDefault() throws IOException {
    Profile profile = ProfileReader.read(file(HEAD + "leaf: {key: rsa-2048, lifetime: 90s}\n"));

    assertThat(profile)
        .isEqualTo(
            new Profile(
                KeyType.EC_P256, Duration.ofDays(3650), KeyType.RSA_2048, Duration.ofSeconds(90)));
  }

  @Test
  void allMistakesAreToldAtOnce() throws IOException {
    Path file =
        file("apiVersion: hauberk/v2\nca: {key: dsa, lifetime: 1y}\nleaf: [x]\ncolour: red\n");

    assertThatThrownBy(() -> ProfileReader.read(file))
        .isInstanceOf(ProfileException.class)
        .hasMessage(
            String.join(
                "\n",
                file + ":1:1: kind: is missing; it must be CertificateProfile",
                file + ":1:13: apiVersion: must be hauberk/v1",
                file
                    + ":2:11: ca.key: key \"dsa\" is none of"
                    + " ec-p256, ec-p384, rsa-2048, rsa-3072",
                file
                    + ":2:26: ca.lifetime: lifetime \"1y\" is not a number followed by"
                    + " s, m, h or d, such as 24h",
                file + ":3:7: leaf: must be a mapping",
                file + ":4:9: colour: there is no such key in a profile"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | :1:1: the profile is empty",
        "'a: {' | :1:5: not YAML: expected the node content, but found '<stream end>'",
        "'- x' | :1:1: must be a mapping",
      })
  void whatIsNoProfileIsRefused(String text, String complaint) throws IOException {
    Path file = file(text);

    assertThatThrownBy(() -> ProfileReader.read(file))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining(file + complaint);
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = directory.resolve("missing.yaml");

    assertThatThrownBy(() -> ProfileReader.read(missing))
        .isInstanceOf(StateException.class)
        .hasMessage("cannot read " + missing + ": no such file or directory");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("profile.yaml"), text);
  }
}
