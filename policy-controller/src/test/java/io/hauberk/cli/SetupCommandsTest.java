// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.cli.Harness.Outcome;
import io.hauberk.device.Errno;
import io.hauberk.pki.Leaf;
import io.hauberk.pki.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that make things: init, check, apply, certs. */
class SetupCommandsTest {
  @TempDir private Path directory;
  private Harness hauberk;

  @BeforeEach
  void makeHarness() throws IOException {
    hauberk = new Harness(directory);
  }

  @Test
  void initMakesWhatIsMissing() {
    Outcome outcome = hauberk.run("init", hauberk.rules);

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                0,
                """
                         NAME       SPIFFE ID                    VALID UNTIL           WHY
                created  authority  spiffe://example.org         2036-02-27T12:00:00Z  there was none
                created  web        spiffe://example.org/web     2026-03-02T12:00:00Z  there was none
                created  client     spiffe://example.org/client  2026-03-02T12:00:00Z  there was none
                """,
                ""));
  }

  @Test
  void initKeepsWhatFits() {
    hauberk.run("init", hauberk.rules);
    String before = serial("web");

    Outcome outcome = hauberk.run("init", hauberk.rules);

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out().lines().skip(1)).allMatch(line -> line.startsWith("kept "));
    assertThat(serial("web")).isEqualTo(before);
  }

  @Test
  void initReplacesWhatNoLongerFits() throws IOException {
    hauberk.run("init", hauberk.rules);
    Files.writeString(hauberk.rules, Harness.RULES.replace("[localhost]", "[other]"));

    Outcome outcome = hauberk.run("init", hauberk.rules);

    assertThat(outcome.out())
        .contains("kept      authority")
        .contains("replaced  web ")
        .contains("its DNS names were [localhost]")
        .contains("kept      client");
  }

  @Test
  void initRenewsWhatHasExpired() {
    hauberk.run("init", hauberk.rules);
    hauberk.clock.advance(Duration.ofHours(24));

    assertThat(hauberk.run("init", hauberk.rules).out())
        .contains("it expired at 2026-03-02T12:00:00Z");
  }

  @Test
  void initByForceMakesEverythingAnew() {
    hauberk.run("init", hauberk.rules);
    String authority = new Leaf(state().authorityCertificate()).serial();

    Outcome outcome = hauberk.run("init", "--force", hauberk.rules);

    assertThat(outcome.out()).contains("--force").contains("the authority is new");
    assertThat(new Leaf(state().authorityCertificate()).serial()).isNotEqualTo(authority);
  }

  @Test
  void initForATrustDomainMakesTheAuthorityAlone() {
    assertThat(hauberk.run("init", "--trust-domain", "example.org").out())
        .isEqualTo(
            """
                     NAME       SPIFFE ID             VALID UNTIL           WHY
            created  authority  spiffe://example.org  2036-02-27T12:00:00Z  there was none
            """);
  }

  @Test
  void initRefusesTheAuthorityOfAnother() {
    hauberk.run("init", "--trust-domain", "example.com");

    assertThat(hauberk.run("init", hauberk.rules))
        .isEqualTo(
            new Outcome(
                65,
                "",
                "hauberk: the authority in "
                    + hauberk.state
                    + " is for spiffe://example.com, not for spiffe://example.org:"
                    + " use another --state, or --force to replace it\n"));
  }

  @Test
  void initKeepsTheProfileForLater() {
    hauberk.run("init", hauberk.rules, "--profile", "../certs/profiles/rsa.yaml");
    hauberk.run("certs", "rotate");

    assertThat(new Leaf(state().certificates("web").get(0)).keyType().label())
        .isEqualTo("rsa-2048");
  }

  @Test
  void initNeedsASubject() {
    Outcome outcome = hauberk.run("init");

    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).contains("--trust-domain").contains("Try: hauberk init --help");
  }

  @Test
  void checkCounts() {
    assertThat(hauberk.run("check", hauberk.rules))
        .isEqualTo(new Outcome(0, hauberk.rules + ": ok, 3 rules, 2 identities\n", ""));
  }

  @Test
  void checkTellsEveryMistake() throws IOException {
    Files.writeString(
        hauberk.rules,
        Harness.RULES.replace("tls: strict", "tls: strickt").replace("[23]", "[70000]"));

    Outcome outcome = hauberk.run("check", hauberk.rules);

    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines().toList())
        .hasSize(3)
        .allMatch(line -> line.startsWith("hauberk: " + hauberk.rules + ":"));
  }

  @Test
  void aFileThatIsNotThereIsSaidToBe() {
    assertThat(hauberk.run("check", "/nowhere.yaml"))
        .isEqualTo(new Outcome(66, "", "hauberk: /nowhere.yaml is not there\n"));
  }

  @Test
  void applyPushesAndShowsTheRules() {
    hauberk.run("init", hauberk.rules);

    assertThat(hauberk.run("apply", hauberk.rules))
        .isEqualTo(
            new Outcome(
                0,
                """
                generation 1: 3 rules, 2 identities

                RULE     DIRECTION  PORTS           ACTION  IDENTITY  PEERS
                web-in   inbound    8000,8080-8090  strict  web       spiffe://example.org/client
                telnet   outbound   23              deny    -         -
                web-out  outbound   8000            strict  client    spiffe://example.org/*
                """,
                ""));
    assertThat(hauberk.kernel.pushes.get(0).label()).isEqualTo("apply " + hauberk.rules);
    assertThat(hauberk.kernel.keysAreWiped()).isTrue();
  }

  @Test
  void applyShowsWhatIsNotStrict() throws IOException {
    Files.writeString(
        hauberk.rules,
        Harness.RULES.replaceFirst("tls: strict", "tls: permissive\n    onTls: passthrough"));
    hauberk.run("init", hauberk.rules);

    assertThat(hauberk.run("apply", hauberk.rules).out())
        .contains("web-in   inbound    8000,8080-8090  permissive, passthrough  web ");
  }

  @Test
  void applyWithoutIdentitiesNamesThemAll() {
    assertThat(hauberk.run("apply", hauberk.rules))
        .isEqualTo(
            new Outcome(
                65,
                "",
                """
                hauberk: identity web has no certificate in %1$s
                hauberk: identity client has no certificate in %1$s
                hauberk: run: hauberk init %2$s
                """
                    .formatted(hauberk.state, hauberk.rules)));
    assertThat(hauberk.kernel.pushes).isEmpty();
  }

  @Test
  void applyTellsWhatTheKernelRefuses() {
    hauberk.run("init", hauberk.rules);
    hauberk.kernel.refuse(Errno.EINVAL);

    assertThat(hauberk.run("apply", hauberk.rules))
        .isEqualTo(
            new Outcome(65, "", "hauberk: identity web: the key does not belong to it (EINVAL)\n"));
    assertThat(state().applied()).isEmpty();
  }

  @Test
  void aLostRaceMayBeTriedAgain() {
    hauberk.run("init", hauberk.rules);
    hauberk.kernel.refuse(Errno.ESTALE);

    assertThat(hauberk.run("apply", hauberk.rules).status()).isEqualTo(75);
  }

  @Test
  void applyWithoutTheModuleIsOneLine() {
    hauberk.run("init", hauberk.rules);
    hauberk.kernel.unload();

    assertThat(hauberk.run("apply", hauberk.rules))
        .isEqualTo(
            new Outcome(
                69,
                "",
                "hauberk: /dev/hauberk is not there:"
                    + " is the hauberk module loaded? (modprobe hauberk)\n"));
  }

  @Test
  void rotatingMakesNewSerialsAndPushes() {
    hauberk.run("init", hauberk.rules);
    hauberk.run("apply", hauberk.rules);
    String web = serial("web");
    String client = serial("client");

    Outcome outcome = hauberk.run("certs", "rotate");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains(web)
        .contains(client)
        .contains(serial("web"))
        .endsWith("generation 2: " + hauberk.rules + "\n");
    assertThat(serial("web")).isNotEqualTo(web);
    assertThat(serial("client")).isNotEqualTo(client);
  }

  @Test
  void rotatingOneLeavesTheOther() {
    hauberk.run("init", hauberk.rules);
    hauberk.run("apply", hauberk.rules);
    String client = serial("client");

    assertThat(hauberk.run("certs", "rotate", "--identity", "web").status()).isZero();
    assertThat(serial("client")).isEqualTo(client);
  }

  @Test
  void rotatingPushesWhatWasAppliedAndNotLaterEdits() throws IOException {
    hauberk.run("init", hauberk.rules);
    hauberk.run("apply", hauberk.rules);
    Files.writeString(hauberk.rules, "rules: [");

    assertThat(hauberk.run("certs", "rotate").status()).isZero();
    assertThat(hauberk.kernel.generation()).isEqualTo(2);
  }

  @Test
  void rotatingWithoutTheModuleChangesNothing() {
    hauberk.run("init", hauberk.rules);
    hauberk.run("apply", hauberk.rules);
    String web = serial("web");
    hauberk.kernel.unload();

    assertThat(hauberk.run("certs", "rotate").status()).isEqualTo(69);
    assertThat(serial("web")).isEqualTo(web);
  }

  @Test
  void rotatingBeforeTheFirstApplyPushesNothing() {
    hauberk.run("init", hauberk.rules);

    Outcome outcome = hauberk.run("certs", "rotate");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).endsWith("No rule-set was applied yet: nothing was pushed.\n");
  }

  @Test
  void rotatingAnUnknownIdentityNamesTheKnownOnes() {
    hauberk.run("init", hauberk.rules);

    assertThat(hauberk.run("certs", "rotate", "--identity", "wbe").err())
        .isEqualTo(
            "hauberk: there is no identity wbe in " + hauberk.state + ", only [client, web]\n");
  }

  @Test
  void certsShowListsEverythingButKeys() {
    hauberk.run("init", hauberk.rules);

    assertThat(hauberk.run("certs", "show").out().replaceAll("[0-9a-f]{30,32} +", "SERIAL "))
        .isEqualTo(
            """
            NAME       SPIFFE ID                    DNS NAMES  KEY      SERIAL \
                                       VALID UNTIL           LEFT
            authority  spiffe://example.org         -          ec-p256  SERIAL \
            2036-02-27T12:00:00Z  3650d0h
            client     spiffe://example.org/client  -          ec-p256  SERIAL \
            2026-03-02T12:00:00Z  1d0h
            web        spiffe://example.org/web     localhost  ec-p256  SERIAL \
            2026-03-02T12:00:00Z  1d0h
            """);
  }

  @Test
  void certsShowSpeaksJson() {
    hauberk.run("init", hauberk.rules);

    assertThat(hauberk.run("certs", "show", "--json").out())
        .isEqualTo(
            "{\"authority\":{\"spiffeId\":\"spiffe://example.org\",\"dnsNames\":[],"
                + ("\"keyType\":\"ec-p256\",\"serial\":\""
                    + new Leaf(state().authorityCertificate()).serial())
                + "\",\"notBefore\":\"2026-03-01T11:55:00Z\","
                + "\"notAfter\":\"2036-02-27T12:00:00Z\"},\"identities\":["
                + leafJson("client", "")
                + ","
                + leafJson("web", "\"localhost\"")
                + "]}\n");
  }

  @Test
  void certsAloneSaysWhichVerbsThereAre() {
    assertThat(hauberk.run("certs"))
        .isEqualTo(
            new Outcome(
                64,
                "",
                "hauberk: certs needs a verb: [show, rotate]\nTry: hauberk certs --help\n"));
  }

  private String leafJson(String name, String dnsNames) {
    return "{\"name\":\"%1$s\",\"spiffeId\":\"spiffe://example.org/%1$s\",\"dnsNames\":[%2$s],"
            .formatted(name, dnsNames)
        + "\"keyType\":\"ec-p256\",\"serial\":\"%s\",".formatted(serial(name))
        + "\"notBefore\":\"2026-03-01T11:55:00Z\",\"notAfter\":\"2026-03-02T12:00:00Z\"}";
  }

  private StateDirectory state() {
    return new StateDirectory(hauberk.state);
  }

  private String serial(String name) {
    return new Leaf(state().certificates(name).get(0)).serial();
  }
}
