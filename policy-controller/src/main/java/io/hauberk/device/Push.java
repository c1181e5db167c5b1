// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.List;
import java.util.OptionalLong;

/**
 * Everything of one generation: the device takes all of it or none.
 *
 * @param anchors the trust bundle: CA certificates in DER
 * @param table the decision table
 * @param filters those that rules name; their guests are loaded already
 * @param upstreams where filters may call
 * @param label who or what pushes; shown by status
 * @param expectGeneration the generation that this push replaces; empty to replace any
 */
public record Push(
    List<byte[]> anchors,
    List<Credential> credentials,
    byte[] table,
    Settings settings,
    List<FilterEntry> filters,
    List<UpstreamEntry> upstreams,
    String label,
    OptionalLong expectGeneration) {

  public Push {
    anchors = List.copyOf(anchors);
    credentials = List.copyOf(credentials);
    filters = List.copyOf(filters);
    upstreams = List.copyOf(upstreams);
  }
}
