// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
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

  /** A place in a stack's trace: a function and how far into it. */
  private static final Pattern PLACE = Pattern.compile("([\\w.]+\\+0x[0-9a-f]+)/0x[0-9a-f]+");

  /**
   * Of traces that follow a fault, at most so many characters in one line: a report cuts longer
   * ones.
   */
  private static final int WIDTH = 360;

  private KernelLog() {}

  /** The lines that tell of a fault, each followed by the trace that the kernel gave for it. */
  static List<String> faults(List<String> lines) {
    List<String> faults = new ArrayList<>();
    StringBuilder trace = new StringBuilder();
    for (String line : lines) {
      if (FAULT.matcher(line).find() && !HARMLESS.matcher(line).find()) {
        flush(trace, faults);
        faults.add(line);
      } else if (!faults.isEmpty()) {
        append(line, trace, faults);
      }
    }
    flush(trace, faults);
    return faults;
  }

  private static void append(String line, StringBuilder trace, List<String> faults) {
    Matcher place = PLACE.matcher(line);
    if (!place.find()) {
      return;
    }
    if (trace.length() + place.group(1).length() > WIDTH) {
      flush(trace, faults);
    }
    trace.append(trace.isEmpty() ? "    at " : " < ").append(place.group(1));
  }

  private static void flush(StringBuilder trace, List<String> faults) {
    if (!trace.isEmpty()) {
      faults.add(trace.toString());
      trace.setLength(0);
    }
  }
}
