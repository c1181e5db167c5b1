// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.time.Instant;
import java.util.Optional;

/**
 * A module that the kernel holds, and how it fares.
 *
 * @param loaded when
 * @param size of the module, in bytes
 * @param digest SHA-256 of the module, in hexadecimal
 * @param compiled whether it was compiled ahead of time; otherwise it is interpreted
 * @param floats whether it computes with floats
 * @param quarantined whether it trapped too often and runs no more
 * @param instructions that all calls were charged
 * @param memoryBytes what it takes now, with all its instances
 * @param functions with the imported ones
 * @param memory the guest's own, if it has any
 */
public record Guest(
    String name,
    Instant loaded,
    long size,
    String digest,
    boolean compiled,
    boolean floats,
    boolean quarantined,
    long calls,
    long traps,
    long instructions,
    long instances,
    long memoryBytes,
    long functions,
    long imports,
    long exports,
    Optional<Extern.Memory> memory) {}
