// SPDX-License-Identifier: Apache-2.0

/**
 * A host of proxy-wasm in Java, for trying filters without a kernel.
 *
 * <p>It was written from the specification of ABI 0.2.1 and from docs/proxy-wasm.md, not from the
 * host in kmod/core/proxy: the two are each other's oracle. An {@link EventScript} run by both must
 * give the same trace.
 */
package io.hauberk.proxy;
