// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/**
 * The counters of one rule since its generation took effect.
 *
 * @param resumed handshakes that resumed a session
 * @param plain plaintext peers of a permissive rule
 * @param passed connections whose application speaks TLS itself, passed through
 */
public record RuleStatus(
    String rule,
    long matched,
    long opened,
    long refused,
    long denied,
    long closed,
    long rxBytes,
    long txBytes,
    long resumed,
    long plain,
    long passed) {}
