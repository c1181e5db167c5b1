// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.pki.Leaf;
import io.hauberk.pki.StateDirectory;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk certs show}: what certificates there are on disk. */
@Command(name = "show", description = "Show the authority and the identities, never a key.")
final class CertsShowCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  CertsShowCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    StateDirectory state = context.state();
    Leaf authority = new Leaf(state.authorityCertificate());
    Map<String, Leaf> identities = new TreeMap<>();
    for (String name : state.identityNames()) {
      identities.put(name, new Leaf(state.certificates(name).get(0)));
    }
    if (json) {
      printJson(authority, identities);
    } else {
      printTable(authority, identities);
    }
    return ExitStatus.OK;
  }

  private void printTable(Leaf authority, Map<String, Leaf> identities) {
    Table table =
        new Table("NAME", "SPIFFE ID", "DNS NAMES", "KEY", "SERIAL", "VALID UNTIL", "LEFT");
    row(table, "authority", authority);
    identities.forEach((name, leaf) -> row(table, name, leaf));
    table.print(context.out(), context.palette());
  }

  private void row(Table table, String name, Leaf leaf) {
    Instant now = context.environment().clock().instant();
    boolean expired = !now.isBefore(leaf.notAfter());
    table.row(
        name,
        leaf.spiffeId(),
        String.join(",", leaf.dnsNames()),
        leaf.keyType().label(),
        leaf.serial(),
        leaf.notAfter(),
        expired ? "expired" : Text.span(Duration.between(now, leaf.notAfter())));
  }

  private void printJson(Leaf authority, Map<String, Leaf> identities) {
    try (Json json = new Json(context.out())) {
      json.object(
          () -> {
            json.name("authority").object(() -> leaf(json, authority));
            json.name("identities")
                .array(
                    () ->
                        identities.forEach(
                            (name, leaf) ->
                                json.object(
                                    () -> {
                                      json.put("name", name);
                                      leaf(json, leaf);
                                    })));
          });
    }
  }

  private static void leaf(Json json, Leaf leaf) {
    json.put("spiffeId", leaf.spiffeId())
        .put("dnsNames", leaf.dnsNames())
        .put("keyType", leaf.keyType().label())
        .put("serial", leaf.serial())
        .put("notBefore", leaf.notBefore())
        .put("notAfter", leaf.notAfter());
  }
}
