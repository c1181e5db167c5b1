// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps the kernel's rule-set and its identities up to date. {@link io.hauberk.daemon.Deployer}
 * pushes once, which is all that a command needs; {@link io.hauberk.daemon.Keeper} decides what is
 * due, and {@link io.hauberk.daemon.Daemon} runs it on Vert.x.
 */
package io.hauberk.daemon;
