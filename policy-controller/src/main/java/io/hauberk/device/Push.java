// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.List;
import java.util.OptionalLong;

/**
 * Everything of one generation: the device takes all of it or none.
 *
 * @param anchors the trust bundle: CA certificates in DER
 * @param table the decision table
 * @param label who or what pushes; shown by status
 * @param expectGeneration the generation that this push replaces; empty to replace any
 */
public record Push(
    List<byte[]> anchors,
    List<Credential> credentials,
    byte[] table,
    Settings settings,
    String label,
    OptionalLong expectGeneration) {

  public Push {
    anchors = List.copyOf(anchors);
    credentials = List.copyOf(credentials);
  }
}
