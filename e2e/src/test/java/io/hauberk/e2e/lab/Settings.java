// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.nio.file.Path;

/**
 * What the build tells the tests in system properties.
 *
 * @param kernel 6.1, 6.12 or debug
 * @param image the container image of the lab
 * @param label what its containers are marked with
 * @param stage the folder that the guest sees as /opt/hauberk
 * @param logs where the VMs' consoles are kept
 */
record Settings(String kernel, String image, String label, Path stage, Path logs) {

  static Settings ofSystem() {
    return new Settings(
        property("hauberk.kernel"),
        property("hauberk.image"),
        property("hauberk.label"),
        Path.of(property("hauberk.stage")),
        Path.of(property("hauberk.logs")).normalize());
  }

  private static String property(String name) {
    String value = System.getProperty(name, "");
    if (value.isEmpty()) {
      throw new LabException("the property " + name + " is not set: run `make e2e`");
    }
    return value;
  }
}
