// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One VM for all the tests of a class, with the modules loaded.
 *
 * <p>When the tests are through, what they started is ended, the modules must go, no connection may
 * be left in their slab, and the kernel must not have logged a fault.
 */
public final class Lab implements BeforeAllCallback, AfterAllCallback, TestWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Lab.class);

  private final Settings settings = Settings.ofSystem();
  private final List<String> faults = new ArrayList<>();
  private Path console;
  private Vm vm;
  private Events events;

  public Vm vm() {
    return vm;
  }

  /** Whether the kernel is the one with checks at every access: user-mode Linux. */
  public boolean isDebug() {
    return settings.kernel().equals("debug");
  }

  /** The device's events. */
  public Events events() {
    if (events == null) {
      events = new Events(vm);
    }
    return events;
  }

  /** Loads the modules and what they need. */
  public void insmod() {
    vm.run("/opt/hauberk/e2e/load-modules").ok();
  }

  /** Ends everything that was started in the guest and unloads the modules. */
  public void rmmod() {
    vm.stopAll();
    events = null;
    vm.run("rmmod hauberk wasm bearssl").ok();
  }

  /**
   * Unloads the modules and loads them again, while what was started goes on. Who opens the device
   * now and then holds the module for a moment, and nothing tells when it lets go.
   */
  public void reload() {
    if (events != null) {
      events.stop();
      events = null;
    }
    vm.run("until rmmod hauberk; do sleep 0.1; done; rmmod wasm bearssl").ok();
    insmod();
  }

  /** Asserts that the kernel has logged no fault so far. */
  public void assertCleanLog() {
    faults.addAll(KernelLog.faults(vm.dmesg()));
    assertThat(faults).as("the kernel's log; the console is in %s", console).isEmpty();
  }

  /** How many objects of a slab cache are in use. */
  public int slabObjects(String cache) {
    return Integer.parseInt(
        vm.run("awk '$1 == \"" + cache + "\" {n = $2} END {print n + 0}' /proc/slabinfo")
            .ok()
            .out()
            .strip());
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    LOG.error(
        "{} on {}: {} FAILED: {} (console: {})",
        context.getRequiredTestClass().getSimpleName(),
        settings.kernel(),
        context.getDisplayName(),
        String.valueOf(cause.getMessage()).strip().lines().findFirst().orElse(""),
        console);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    String name = context.getRequiredTestClass().getSimpleName();
    console = settings.logs().resolve(settings.kernel()).resolve(name + ".console.log");
    Files.createDirectories(console.getParent());
    Files.deleteIfExists(console);
    long begin = System.nanoTime();
    try {
      vm = Vm.boot(settings, console);
      insmod();
    } catch (RuntimeException e) {
      throw new LabException("no VM for " + name + ": see the console in " + console, e);
    }
    LOG.info(
        "{} runs on {}, booted in {} s",
        name,
        vm.release(),
        (System.nanoTime() - begin) / 1_000_000_000);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (vm == null) {
      return;
    }
    try (Vm ended = vm) {
      if (context.getExecutionException().isPresent()) {
        return;
      }
      ended.stopAll();
      events = null;
      // Freed objects leave their cache after a grace period; unloading waits for that.
      ended.run("rmmod hauberk && rmmod wasm bearssl").ok();
      assertThat(slabObjects("hbk_conn")).as("connections left in the slab").isZero();
      assertCleanLog();
    } finally {
      LOG.info("{} is through", context.getRequiredTestClass().getSimpleName());
    }
  }
}
