// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

/** What a guest offers. */
public record GuestExport(String name, Extern extern) {}
