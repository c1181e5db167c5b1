// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.Isolation;
import io.hauberk.device.Protocol;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A filter that rules can name, as written.
 *
 * @param index the place in the file, from 0
 * @param module the path of the module; relative to the folder of the file
 * @param vmConfig what the module gets once for all its uses
 * @param vmId whose shared data and queues it has
 * @param rootId the name of the root context, for modules that have several
 * @param budget the instructions that one callback may take; empty leaves it to the kernel
 */
public record Filter(
    int index,
    String name,
    String module,
    String vmConfig,
    Optional<String> vmId,
    Optional<String> rootId,
    Isolation isolation,
    Protocol protocol,
    OptionalLong budget) {

  /** The key path of this filter in its file. */
  public String path() {
    return "filters[" + index + "]";
  }
}
