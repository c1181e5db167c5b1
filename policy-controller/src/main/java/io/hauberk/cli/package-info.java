// SPDX-License-Identifier: Apache-2.0

/**
 * The {@code hauberk} command: one class for each verb. A verb loads only what it needs: the JVM
 * starts on small machines too.
 */
package io.hauberk.cli;
