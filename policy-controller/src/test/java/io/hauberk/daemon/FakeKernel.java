// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.device.Connection;
import io.hauberk.device.Device;
import io.hauberk.device.DeviceException;
import io.hauberk.device.DeviceInfo;
import io.hauberk.device.DeviceRefusedException;
import io.hauberk.device.DeviceUnavailableException;
import io.hauberk.device.Errno;
import io.hauberk.device.Event;
import io.hauberk.device.FilterEntry;
import io.hauberk.device.FilterStatus;
import io.hauberk.device.IdentityStatus;
import io.hauberk.device.Metric;
import io.hauberk.device.Push;
import io.hauberk.device.RuleStatus;
import io.hauberk.device.Settings;
import io.hauberk.device.Status;
import io.hauberk.rules.FilterModule;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestCall;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestExport;
import io.hauberk.wasm.GuestImport;
import io.hauberk.wasm.GuestLog;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.GuestResult;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A kernel that can be loaded, unloaded and made to refuse, and that remembers each push. */
public final class FakeKernel {
  /** What the tests look at of one push. */
  public record Pushed(
      String label, List<String> identities, List<BigInteger> serials, List<FilterEntry> filters) {}

  public final List<Pushed> pushes = new ArrayList<>();

  /** The same for a test in another thread, which takes them. */
  public final BlockingQueue<Pushed> arrivals = new LinkedBlockingQueue<>();

  public final List<Connection> connections = new ArrayList<>();
  public final List<Event> events = new ArrayList<>();
  public Settings settings = Settings.DEFAULTS;
  public List<RuleStatus> rules = List.of();
  public List<IdentityStatus> identities = List.of();

  /** What every module imports and exports. */
  public final List<GuestImport> imports = new ArrayList<>();

  public final List<GuestExport> exports = new ArrayList<>();
  public final List<GuestDetails> guests = new ArrayList<>();
  public final List<GuestModule> modules = new ArrayList<>();
  public final List<GuestCall> calls = new ArrayList<>();
  public DeviceException moduleRefusal;
  public GuestResult result;

  /** What guests have said, and what each call adds. */
  public final List<String> log = new ArrayList<>();

  public final List<String> said = new ArrayList<>();

  public List<FilterStatus> filterStatus = List.of();
  public List<Metric> metrics = List.of();

  /** The guests that cannot be unloaded now. */
  public final Set<String> busy = new HashSet<>();

  private final List<byte[]> keys = new ArrayList<>();
  private long instance = 0xabcd;
  private long generation;
  private String label = "";
  private boolean loaded = true;
  private int refusal;

  public Device open() {
    if (!loaded) {
      throw new DeviceUnavailableException(
          "/dev/hauberk is not there: is the hauberk module loaded? (modprobe hauberk)");
    }
    return new FakeDevice();
  }

  public void unload() {
    loaded = false;
  }

  public void load() {
    loaded = true;
    instance++;
    generation = 0;
    label = "";
  }

  /** Answers each push with this error number; 0 takes them again. */
  public void refuse(int errno) {
    refusal = errno;
  }

  public void pushByAnother(String who) {
    generation++;
    label = who;
  }

  public long generation() {
    return generation;
  }

  /** Whether each key that was pushed has been overwritten since. */
  public boolean keysAreWiped() {
    return keys.stream().allMatch(key -> new BigInteger(1, key).signum() == 0 && key.length > 0);
  }

  private final class FakeDevice implements Device {
    private String owned;

    @Override
    public DeviceInfo hello() {
      return new DeviceInfo(1, "0.1.0", instance, generation);
    }

    @Override
    public long push(Push push) {
      if (refusal != 0) {
        throw new DeviceRefusedException(refusal, "the key does not belong to it", "identity web");
      }
      Pushed pushed =
          new Pushed(
              push.label(),
              push.credentials().stream().map(credential -> credential.name()).toList(),
              push.credentials().stream().map(c -> serial(c.chain().get(0))).toList(),
              push.filters());
      pushes.add(pushed);
      arrivals.add(pushed);
      push.credentials().forEach(credential -> keys.add(credential.key()));
      label = push.label();
      settings = push.settings();
      return ++generation;
    }

    @Override
    public Status status() {
      return new Status(
          generation,
          label,
          Instant.parse("2026-03-01T11:58:55Z"),
          instance,
          settings,
          3,
          1,
          17,
          2,
          3,
          4,
          5,
          6,
          7,
          1,
          rules,
          identities);
    }

    @Override
    public List<Connection> connections() {
      return connections;
    }

    @Override
    public void follow(int replay, Consumer<Event> consumer) {
      events.stream().skip(Math.max(0, events.size() - replay)).forEach(consumer);
    }

    @Override
    public void load(GuestModule module) {
      if (moduleRefusal != null) {
        throw moduleRefusal;
      }
      modules.add(module);
      if (module.owned()) {
        owned = module.name();
      }
      guests.add(new GuestDetails(fresh(module), imports, exports));
    }

    private Guest fresh(GuestModule module) {
      return new Guest(
          module.name(),
          Instant.parse("2026-03-01T11:58:55Z"),
          module.bytes().length,
          FilterModule.of(module.name(), module.bytes()).digest(),
          false,
          false,
          false,
          0,
          0,
          0,
          0,
          4096,
          2,
          imports.size(),
          exports.size(),
          Optional.empty());
    }

    @Override
    public List<Guest> guests() {
      return guests.stream().map(GuestDetails::guest).toList();
    }

    @Override
    public GuestDetails guest(String name) {
      return guests.stream()
          .filter(details -> details.guest().name().equals(name))
          .findFirst()
          .orElseThrow(() -> noGuest(name));
    }

    @Override
    public GuestResult run(GuestCall call) {
      guest(call.guest());
      calls.add(call);
      said.forEach(line -> log.add(call.guest() + ": " + line));
      return result;
    }

    @Override
    public GuestLog guestLog(long position) {
      int from = position == GuestLog.END ? log.size() : (int) position;
      return new GuestLog(log.size(), log.subList(from, log.size()));
    }

    @Override
    public void unload(String name) {
      if (busy.contains(name)) {
        throw new DeviceRefusedException(Errno.EBUSY, "the guest is in use", "guest " + name);
      }
      guests.remove(guest(name));
    }

    @Override
    public List<FilterStatus> filters() {
      return filterStatus;
    }

    @Override
    public List<Metric> metrics() {
      return metrics;
    }

    private static DeviceRefusedException noGuest(String name) {
      return new DeviceRefusedException(Errno.ENOENT, "there is no such guest", "guest " + name);
    }

    @Override
    public void close() {
      if (owned != null) {
        unload(owned);
        owned = null;
      }
    }
  }

  private static BigInteger serial(byte[] der) {
    try {
      return ((X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der)))
          .getSerialNumber();
    } catch (CertificateException e) {
      throw new AssertionError("a push holds what is no certificate", e);
    }
  }
}
