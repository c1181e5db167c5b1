// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.device.Credential;
import io.hauberk.device.Device;
import io.hauberk.device.Push;
import io.hauberk.pki.Applied;
import io.hauberk.pki.Enrollment;
import io.hauberk.pki.StateDirectory;
import io.hauberk.pki.StateException;
import io.hauberk.rules.HostResolver;
import io.hauberk.rules.RuleSetCompiler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/** Reads a rule-set and hands it, with its identities and the trust bundle, to the kernel. */
public final class Deployer {
  private static final int LABEL_MAX = 255;

  private final StateDirectory state;
  private final Enrollment enrollment;
  private final HostResolver host;

  public Deployer(StateDirectory state, Enrollment enrollment, HostResolver host) {
    this.state = state;
    this.enrollment = enrollment;
    this.host = host;
  }

  /** Reads and compiles a rule-set, or tells all its mistakes; nothing is changed. */
  public Plan plan(Path file) {
    byte[] text = read(file);
    return new Plan(
        file.toAbsolutePath(), text, RuleSetCompiler.compile(file.toString(), text, host));
  }

  /** Replaces what the kernel holds by this plan, and remembers it as the one applied last. */
  public long push(Device device, Plan plan, String verb) {
    long generation = repush(device, plan, verb + " " + plan.file());
    state.save(new Applied(plan.file(), digest(plan.text())), plan.text());
    return generation;
  }

  /** Hands a rule-set that is in force already to the kernel once more, with fresh identities. */
  public long repush(Device device, Plan plan, String label) {
    List<Credential> credentials = enrollment.credentials(plan.ruleSet());
    try {
      return device.push(
          new Push(
              enrollment.anchors(),
              credentials,
              plan.compiled().table(),
              plan.ruleSet().settings(),
              shortened(label),
              OptionalLong.empty()));
    } finally {
      credentials.forEach(credential -> Arrays.fill(credential.key(), (byte) 0));
    }
  }

  /** The SHA-256 of a rule-set's text, as {@link Applied} keeps it. */
  public static String digest(byte[] text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw StateException.cannotRead(file, e);
    }
  }

  /** Cuts at the front: the end of a path tells more. */
  private static String shortened(String label) {
    String text = label;
    while (text.getBytes(StandardCharsets.UTF_8).length > LABEL_MAX) {
      text = text.substring(text.offsetByCodePoints(0, 1));
    }
    return text;
  }
}
