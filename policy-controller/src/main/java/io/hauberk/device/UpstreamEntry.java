// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.net.InetSocketAddress;

/** Where filters may call, by a name that they know. */
public record UpstreamEntry(String name, InetSocketAddress address) {}
