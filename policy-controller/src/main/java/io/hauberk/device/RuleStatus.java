// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/** The counters of one rule since its generation took effect. */
public record RuleStatus(
    String rule,
    long matched,
    long opened,
    long refused,
    long denied,
    long closed,
    long rxBytes,
    long txBytes) {}
