// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.device.OnFailure;

/**
 * A filter in the chain of a rule.
 *
 * @param filter the name of the filter
 * @param config what it gets for this use; a mapping has become JSON
 */
public record FilterUse(String filter, String config, OnFailure onFailure) {}
