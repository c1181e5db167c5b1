// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.HauberkException;
import io.hauberk.device.Credential;
import io.hauberk.device.Device;
import io.hauberk.device.Push;
import io.hauberk.pki.Applied;
import io.hauberk.pki.Enrollment;
import io.hauberk.pki.StateDirectory;
import io.hauberk.pki.StateException;
import io.hauberk.rules.FilterPlan;
import io.hauberk.rules.HostResolver;
import io.hauberk.rules.RuleSetCompiler;
import io.hauberk.wasm.ModuleSource;
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
  private final ModuleSource modules;

  /**
   * Names what a deployment is made of.
   *
   * @param modules where those of filters are read
   */
  public Deployer(
      StateDirectory state, Enrollment enrollment, HostResolver host, ModuleSource modules) {
    this.state = state;
    this.enrollment = enrollment;
    this.host = host;
    this.modules = modules;
  }

  /** Reads and compiles a rule-set, or tells all its mistakes; nothing is changed. */
  public Plan plan(Path file) {
    return plan(file, file);
  }

  /**
   * Reads and compiles a copy of a rule-set.
   *
   * @param original where it stood: the paths in it are relative to the folder of that
   */
  public Plan plan(Path file, Path original) {
    byte[] text = read(file);
    Path folder = original.toAbsolutePath().getParent();
    return new Plan(
        file.toAbsolutePath(),
        text,
        folder,
        RuleSetCompiler.compile(file.toString(), text, host, folder, modules));
  }

  /** Replaces what the kernel holds by this plan, and remembers it as the one applied last. */
  public long push(Device device, Plan plan, String verb) {
    long generation = repush(device, plan, verb + " " + plan.file());
    state.save(new Applied(plan.file(), digest(plan.text())), plan.text());
    return generation;
  }

  /** Hands a rule-set that is in force already to the kernel once more, with fresh identities. */
  public long repush(Device device, Plan plan, String label) {
    FilterModules guests = new FilterModules(device, plan.compiled().filters().modules());
    guests.load();
    long generation;
    try {
      generation = replace(device, plan, label);
    } catch (HauberkException e) {
      guests.takeBack();
      throw e;
    }
    guests.sweep();
    return generation;
  }

  /**
   * Unloads guests of filters that no rule uses any more.
   *
   * @return whether all of them are gone; one in use stays until its last connection has ended
   */
  public boolean sweep(Device device, Plan plan) {
    return new FilterModules(device, plan.compiled().filters().modules()).sweep();
  }

  private long replace(Device device, Plan plan, String label) {
    List<Credential> credentials = enrollment.credentials(plan.ruleSet());
    FilterPlan filters = plan.compiled().filters();
    try {
      return device.push(
          new Push(
              enrollment.anchors(),
              credentials,
              plan.compiled().table(),
              plan.ruleSet().settings(),
              filters.entries(),
              filters.upstreams(),
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
