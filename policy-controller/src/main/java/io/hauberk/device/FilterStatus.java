// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/**
 * How a filter of the rule-set in force fares.
 *
 * @param guest the name under which the kernel holds its module
 * @param calls callbacks so far
 * @param instructions that all of them were charged
 * @param streams connections and requests that it has seen
 * @param bypassed of these, how often it failed and was left out, by onFailure: open
 * @param failed of these, how often it failed and the connection with it, by onFailure: closed
 * @param quarantined whether its module trapped too often and runs no more
 * @param compiled whether its module was compiled ahead of time; otherwise it is interpreted
 * @param memoryBytes what its instances take now
 */
public record FilterStatus(
    String name,
    String guest,
    long calls,
    long traps,
    long instructions,
    long streams,
    long bypassed,
    long failed,
    boolean quarantined,
    boolean compiled,
    long memoryBytes,
    long instances) {}
