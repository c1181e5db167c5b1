// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.nio.file.Path;

/**
 * The rule-set that was pushed last from a state directory.
 *
 * @param file where it was read
 * @param digest the SHA-256 of its content, in lower-case hexadecimal
 */
public record Applied(Path file, String digest) {}
