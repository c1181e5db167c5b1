// SPDX-License-Identifier: Apache-2.0

/** WebAssembly guests: what is told of them, the values they compute with, and the native tools. */
package io.hauberk.wasm;
