// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.pki.CertificateAuthority;
import io.hauberk.pki.Enrollment;
import io.hauberk.pki.Leaf;
import io.hauberk.pki.PkiException;
import io.hauberk.pki.ProfileReader;
import io.hauberk.pki.StateDirectory;
import io.hauberk.rules.Identity;
import io.hauberk.rules.RuleSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hauberk init}: makes what is missing of the authority and the identities. */
@Command(
    name = "init",
    description = {
      "Make the certification authority and an identity for each one in a rule-set.",
      "What exists and still fits is kept."
    })
final class InitCommand implements Callable<Integer> {
  private final Context context;

  @ArgGroup(multiplicity = "1")
  private Subject subject;

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      description = "How certificates are made from now on, such as certs/profiles/rsa.yaml")
  private Path profile;

  @Option(names = "--force", description = "Make everything anew, the authority included")
  private boolean force;

  InitCommand(Context context) {
    this.context = context;
  }

  /** For whom: one of the two. */
  private static final class Subject {
    @Parameters(paramLabel = "FILE", description = "The rule-set whose identities are made")
    private Path file;

    @Option(
        names = "--trust-domain",
        paramLabel = "DOMAIN",
        description = "Make the authority of this trust domain alone")
    private String trustDomain;
  }

  @Override
  public Integer call() {
    Optional<RuleSet> ruleSet =
        Optional.ofNullable(subject.file).map(f -> context.plan(f).ruleSet());
    String trustDomain = ruleSet.map(RuleSet::trustDomain).orElse(subject.trustDomain);
    requireTrustDomain(trustDomain);
    takeProfile();
    Table table = new Table("", "NAME", "SPIFFE ID", "VALID UNTIL", "WHY");
    boolean fresh = authority(trustDomain, table);
    for (Identity identity : ruleSet.map(RuleSet::identities).orElse(List.of())) {
      identity(identity, fresh, table);
    }
    table.print(context.out(), context.palette());
    return ExitStatus.OK;
  }

  private void requireTrustDomain(String trustDomain) {
    if (!trustDomain.matches("[a-z0-9._-]{1,255}")) {
      throw new PkiException(
          "trust domain \"" + trustDomain + "\" may hold a-z, 0-9, '.', '_' and '-' only");
    }
    StateDirectory state = context.state();
    if (force || !state.hasAuthority()) {
      return;
    }
    String present = new Leaf(state.authorityCertificate()).spiffeId();
    if (!present.equals("spiffe://" + trustDomain)) {
      throw new PkiException(
          String.format(
              "the authority in %s is for %s, not for spiffe://%s:"
                  + " use another --state, or --force to replace it",
              state.root(), present, trustDomain));
    }
  }

  private void takeProfile() {
    if (profile == null) {
      return;
    }
    if (!Files.exists(profile)) {
      throw new NoInputException(profile + " is not there");
    }
    ProfileReader.read(profile);
    context.state().saveProfile(profile);
  }

  /** Whether the authority is a new one, which makes all older leaves useless. */
  private boolean authority(String trustDomain, Table table) {
    StateDirectory state = context.state();
    boolean missing = !state.hasAuthority();
    boolean fresh = force || missing;
    if (fresh) {
      state.save(
          CertificateAuthority.create(trustDomain, state.profile(), context.environment().clock()));
    }
    X509Certificate certificate = state.authorityCertificate();
    table.row(
        fresh ? "created" : "kept",
        "authority",
        "spiffe://" + trustDomain,
        certificate.getNotAfter().toInstant(),
        fresh ? (missing ? "there was none" : "--force") : "");
    return fresh;
  }

  private void identity(Identity identity, boolean freshAuthority, Table table) {
    Enrollment enrollment = context.enrollment();
    boolean missing = !context.state().hasIdentity(identity.name());
    Optional<String> reason = enrollment.reasonToIssue(identity);
    if (reason.isEmpty() && freshAuthority) {
      reason = Optional.of("the authority is new");
    }
    if (reason.isPresent()) {
      enrollment.issue(identity);
    }
    Leaf leaf = new Leaf(context.state().certificates(identity.name()).get(0));
    table.row(
        reason.isEmpty() ? "kept" : missing ? "created" : "replaced",
        identity.name(),
        identity.spiffeId(),
        leaf.notAfter(),
        reason.orElse(""));
  }
}
