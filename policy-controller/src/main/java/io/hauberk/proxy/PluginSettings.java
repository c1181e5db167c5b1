// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/**
 * What a filter is given.
 *
 * @param name its own
 * @param vmId whom it shares data with
 * @param rootId plugin_root_id
 * @param vm the VM's configuration
 * @param plugin the plugin's configuration
 * @param budget instructions that a callback may take
 */
record PluginSettings(
    String name, String vmId, String rootId, byte[] vm, byte[] plugin, long budget) {}
