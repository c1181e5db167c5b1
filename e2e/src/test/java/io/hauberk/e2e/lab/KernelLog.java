// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.util.List;
import java.util.regex.Pattern;

/** Tells a clean kernel log from one that is not. */
final class KernelLog {
  private static final Pattern FAULT =
      Pattern.compile(
          "WARNING|BUG|Oops|KASAN|UBSAN|ODEBUG|lockdep|possible (circular|recursive|irq)"
              + "|inconsistent lock|suspicious RCU|Invalid wait context|Call Trace"
              + "|Objects remaining|still has objects|general protection|refcount_t|detected stall|self-detected|soft lockup|hung_task"
              + "|blocked for more than|use-after-free|double free|not freed|panic"
              + "|records were overwritten");

  /** What the lab's own boot parameters make the kernel say, and what it says of stable kernels. */
  private static final Pattern HARMLESS =
      Pattern.compile("Command line:|command line parameters|Kernel command line|panic=-1");

  private KernelLog() {}

  /** The lines that tell of a fault. */
  static List<String> faults(List<String> lines) {
    return lines.stream()
        .filter(line -> FAULT.matcher(line).find() && !HARMLESS.matcher(line).find())
        .toList();
  }
}
