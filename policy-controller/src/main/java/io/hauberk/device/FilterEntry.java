// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A filter as rules use it: a guest with its configuration.
 *
 * @param name what the decision table calls it
 * @param guest the name under which the kernel holds its module
 * @param vmId whose shared data and queues it has
 * @param rootId the name of the root context, if it has one
 * @param budget the instructions that one callback may take; the kernel's own limit if empty
 */
public record FilterEntry(
    String name,
    String guest,
    String vmId,
    Optional<String> rootId,
    String vmConfig,
    String config,
    OnFailure onFailure,
    OptionalLong budget,
    Protocol protocol,
    Isolation isolation) {}
