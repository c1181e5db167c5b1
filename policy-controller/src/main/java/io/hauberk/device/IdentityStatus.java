// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.time.Instant;

/**
 * One identity as the kernel holds it.
 *
 * @param serial the leaf's serial number in lower-case hexadecimal
 * @param keyType such as {@code ec-p256}
 */
public record IdentityStatus(
    String name,
    String spiffeId,
    String serial,
    Instant notBefore,
    Instant notAfter,
    String keyType) {}
