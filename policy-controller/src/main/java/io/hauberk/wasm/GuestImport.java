// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

/** What a guest uses of the kernel. */
public record GuestImport(String module, String name, Extern extern) {}
