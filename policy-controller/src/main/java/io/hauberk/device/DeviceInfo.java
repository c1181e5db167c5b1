// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/**
 * What the module says of itself.
 *
 * @param version the protocol version that both sides settled on
 * @param instance a number that differs after each load of the module
 * @param generation the rule-set in force; 0 before the first push
 */
public record DeviceInfo(int version, String moduleVersion, long instance, long generation) {}
