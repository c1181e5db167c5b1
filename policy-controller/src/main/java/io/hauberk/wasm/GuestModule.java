// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

/**
 * A module to load.
 *
 * @param owned whether it is unloaded when the device is closed
 * @param noFloats whether it is refused if it computes with floats
 * @param interpret whether it is interpreted even where it is there compiled
 */
public record GuestModule(
    String name, byte[] bytes, boolean owned, boolean noFloats, boolean interpret) {}
