// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.HauberkException;
import io.hauberk.device.Device;
import io.hauberk.device.DeviceInfo;
import io.hauberk.device.DeviceUnavailableException;
import io.hauberk.pki.Enrollment;
import io.hauberk.pki.Leaf;
import io.hauberk.pki.StateDirectory;
import io.hauberk.pki.StoredIdentity;
import io.hauberk.rules.HostResolver;
import io.hauberk.rules.Identity;
import io.hauberk.wasm.ModuleSource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what is due and does it: reads the rule-set when it has changed, renews certificates, and
 * pushes when the kernel lacks any of it. What cannot be done is logged, and the kernel keeps what
 * it has.
 *
 * <p>Every method may block and must be called by one thread at a time. The device is opened for
 * each look and closed again: whoever holds it open keeps the module from being unloaded.
 */
public final class Keeper {
  /** Before something that failed for no passing reason is tried again. */
  static final Duration RETRY = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

  private final Path file;
  private final StateDirectory state;
  private final Supplier<Device> devices;
  private final Clock clock;
  private final Enrollment enrollment;
  private final Deployer deployer;
  private final RenewalSchedule schedule;

  private final Map<String, Renewal> renewals = new HashMap<>();
  private FileStamp fileSeen;
  private Map<Path, FileStamp> modulesSeen = Map.of();
  private Map<Path, FileStamp> certificatesSeen = Map.of();
  private Plan plan;
  private Optional<Request> request = Optional.empty();
  private Optional<DeviceInfo> known = Optional.empty();
  private boolean absenceTold;

  /** What was wrong with the file, and when; empty if nothing was. */
  private Optional<Failure> failure = Optional.empty();

  /** Whether guests of filters that rules no longer use may be in the kernel. */
  private boolean unswept;

  /** When the certificate with this serial number is to be replaced. */
  private record Renewal(String serial, Instant due) {}

  /** Why the file could not be applied. */
  private record Failure(String message, Instant time) {}

  /** A push that is to be done, and from when on. */
  private record Request(String reason, Instant notBefore) {}

  public Keeper(
      Path file,
      StateDirectory state,
      Supplier<Device> devices,
      HostResolver host,
      ModuleSource modules,
      Clock clock,
      RandomGenerator random) {
    this.file = file;
    this.state = state;
    this.devices = devices;
    this.clock = clock;
    this.enrollment = new Enrollment(state, clock);
    this.deployer = new Deployer(state, enrollment, host, modules);
    this.schedule = new RenewalSchedule(random);
  }

  /** Does whatever is due now. */
  public void tick() {
    readIfChanged();
    if (plan == null) {
      return;
    }
    noticeCertificates();
    renewDue();
    lookAtDevice();
  }

  /** Reads the file again and pushes, whether anything has changed or not. */
  public void reload() {
    fileSeen = null;
    want("a reload was asked for");
    tick();
  }

  private void readIfChanged() {
    FileStamp stamp = FileStamp.of(file);
    Map<Path, FileStamp> modules = stamps(modulesSeen.keySet());
    if (stamp.equals(fileSeen) && modules.equals(modulesSeen) && !isToBeTriedAgain()) {
      return;
    }
    fileSeen = stamp;
    modulesSeen = modules;
    if (!stamp.present()) {
      LOG.warn("{} is gone; the rules stay as they are", file);
      return;
    }
    try {
      take(deployer.plan(file));
      failure = Optional.empty();
    } catch (HauberkException e) {
      if (!failure.map(Failure::message).equals(Optional.of(e.getMessage()))) {
        e.getMessage().lines().forEach(LOG::error);
        LOG.error("{} was not applied; the rules stay as they are", file);
      }
      failure = Optional.of(new Failure(e.getMessage(), clock.instant()));
    }
  }

  /** What a file names may be there later, such as a module or a user. */
  private boolean isToBeTriedAgain() {
    return failure.filter(f -> !clock.instant().isBefore(f.time().plus(RETRY))).isPresent();
  }

  private void take(Plan fresh) {
    fresh.compiled().warnings().forEach(warning -> LOG.warn("{}", warning));
    modulesSeen = stamps(fresh.modules());
    if (plan != null && plan.isSameAs(fresh)) {
      return;
    }
    want(plan == null ? "the daemon was started" : "the rule-set or a filter has changed");
    plan = fresh;
    certificatesSeen = Map.of(); // look at each identity anew
    renewals.keySet().retainAll(names());
  }

  /** Sees what others did to the certificates, such as {@code hauberk certs rotate}. */
  private void noticeCertificates() {
    Map<Path, FileStamp> stamps = stamps();
    if (stamps.equals(certificatesSeen)) {
      return;
    }
    if (!certificatesSeen.isEmpty()) {
      want("certificates have changed");
    }
    certificatesSeen = stamps;
    for (Identity identity : plan.ruleSet().identities()) {
      try {
        schedule(identity);
      } catch (HauberkException e) {
        failed(identity, e);
      }
    }
  }

  private void schedule(Identity identity) {
    Optional<String> reason = enrollment.reasonToIssue(identity);
    if (reason.isPresent()) {
      renewals.put(identity.name(), new Renewal("", Instant.MIN));
      return;
    }
    Leaf leaf = new Leaf(state.certificates(identity.name()).get(0));
    Renewal present = renewals.get(identity.name());
    if (present == null || !present.serial().equals(leaf.serial())) {
      renewals.put(identity.name(), new Renewal(leaf.serial(), schedule.due(leaf)));
    }
  }

  private void renewDue() {
    for (Identity identity : plan.ruleSet().identities()) {
      Renewal renewal = renewals.get(identity.name());
      if (renewal != null && !clock.instant().isBefore(renewal.due())) {
        renew(identity);
      }
    }
  }

  private void renew(Identity identity) {
    try {
      StoredIdentity fresh = enrollment.issue(identity);
      Leaf leaf = fresh.leaf();
      renewals.put(identity.name(), new Renewal(leaf.serial(), schedule.due(leaf)));
      certificatesSeen = stamps();
      LOG.info(
          "identity {} has a new certificate: serial {}, valid until {}",
          identity.name(),
          leaf.serial(),
          leaf.notAfter());
      want("identity " + identity.name() + " was renewed");
    } catch (HauberkException e) {
      failed(identity, e);
    }
  }

  private void failed(Identity identity, HauberkException failure) {
    LOG.error("identity {} has no new certificate: {}", identity.name(), failure.getMessage());
    renewals.put(identity.name(), new Renewal("", clock.instant().plus(RETRY)));
  }

  private void lookAtDevice() {
    try (Device device = devices.get()) {
      if (absenceTold) {
        LOG.info("the device is there");
        absenceTold = false;
      }
      compare(device);
      if (request.isPresent() && !clock.instant().isBefore(request.get().notBefore())) {
        push(device, request.get().reason());
      } else if (unswept) {
        unswept = !deployer.sweep(device, plan);
      }
    } catch (DeviceUnavailableException e) {
      if (!absenceTold) {
        LOG.warn("{}", e.getMessage());
        absenceTold = true;
      }
    } catch (HauberkException e) {
      e.getMessage().lines().forEach(LOG::error);
      LOG.error("nothing was pushed; the next attempt is in {} s", RETRY.toSeconds());
      String reason = request.map(Request::reason).orElse("the device failed");
      request = Optional.of(new Request(reason, clock.instant().plus(RETRY)));
    }
  }

  /** Finds out whether the kernel still holds what this daemon gave it. */
  private void compare(Device device) {
    DeviceInfo info = device.hello();
    boolean reloaded = known.isPresent() && known.get().instance() != info.instance();
    if (reloaded) {
      want("the module was loaded again");
    } else if (known.isPresent() && known.get().generation() != info.generation()) {
      LOG.warn(
          "generation {} was pushed by somebody else ({}); it stays until something changes here",
          info.generation(),
          device.status().label());
    }
    known = Optional.of(info);
  }

  private void push(Device device, String reason) {
    long generation = deployer.push(device, plan, "serve");
    request = Optional.empty();
    unswept = true;
    DeviceInfo info = device.hello();
    known =
        Optional.of(
            new DeviceInfo(info.version(), info.moduleVersion(), info.instance(), generation));
    LOG.info(
        "generation {} is in force: {} rules, {} identities, because {}",
        generation,
        plan.ruleSet().rules().size(),
        plan.ruleSet().identities().size(),
        reason);
  }

  /** The first reason is the one that is told. */
  private void want(String reason) {
    request = Optional.of(new Request(request.map(Request::reason).orElse(reason), Instant.MIN));
  }

  private List<String> names() {
    return plan.ruleSet().identities().stream().map(Identity::name).toList();
  }

  private Map<Path, FileStamp> stamps() {
    return stamps(state.pushed(names()));
  }

  private static Map<Path, FileStamp> stamps(Collection<Path> files) {
    return files.stream().distinct().collect(Collectors.toMap(path -> path, FileStamp::of));
  }
}
