// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.List;

/**
 * What a module is as a filter.
 *
 * @param abi the version of proxy-wasm that it says it is for; empty if none
 * @param size of the module, in bytes
 * @param pages of memory that it begins with
 * @param maximumPages that it may grow to; -1 if it does not say
 * @param start whether it has a start function
 * @param floats functions that compute with floats
 * @param imports what it imports, as module.name
 * @param callbacks what the host calls of it
 * @param findings what is to be said of it, faults first
 */
public record FilterReport(
    String abi,
    long size,
    int pages,
    int maximumPages,
    boolean start,
    List<String> floats,
    List<String> imports,
    List<String> callbacks,
    List<Finding> findings) {

  /** How grave a finding is. */
  public enum Gravity {
    /** It cannot be used. */
    FAULT,
    /** It can be used; but. */
    ADVICE
  }

  /** Something that is to be said, in a sentence. */
  public record Finding(Gravity gravity, String text) {}

  /** Whether it can be used. */
  public boolean isUsable() {
    return findings.stream().noneMatch(finding -> finding.gravity() == Gravity.FAULT);
  }
}
