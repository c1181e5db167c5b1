// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

/**
 * Where filters may call, as written.
 *
 * @param index the place in the file, from 0
 * @param host a name or an address, an IPv6 one without its brackets
 */
public record Upstream(int index, String name, String host, int port) {

  /** The key path of this upstream in its file. */
  public String path() {
    return "upstreams[" + index + "]";
  }
}
