// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The filters in the guest's kernel: what the device tells of them, and the compiled ones. */
public final class Filters {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Vm vm;

  public Filters(Vm vm) {
    this.vm = vm;
  }

  /** The frames that the device answers a question with: {@code filters}, {@code guests} … */
  public List<JsonNode> ask(String what) {
    return vm.run("/opt/hauberk/e2e/hbk_tool.py " + what)
        .ok()
        .out()
        .lines()
        .map(JSON::readTree)
        .toList();
  }

  public JsonNode status(String filter) {
    return ask("filters").stream()
        .filter(frame -> frame.path("NAME").asString("").equals(filter))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no filter " + filter));
  }

  /** The name of the module that a filter has; the protocol has names of modules as bytes. */
  public String guest(String filter) {
    byte[] name = HexFormat.of().parseHex(status(filter).path("MODULE").asString());
    return new String(name, StandardCharsets.UTF_8);
  }

  /** Takes all filters out; a rule-set lets go of its guests a little after the next one came. */
  public void takeOut(RuleSets ruleSets) {
    ruleSets.push("rules: []\n");
    vm.run(
            "cd /opt/hauberk/e2e && timeout 100 sh -c"
                + " 'until [ -z \"$(./hbk_tool.py sweep)\" ]; do sleep 0.5; done'")
        .ok();
  }

  /** Loads what was compiled, of one folder: {@code filters} or {@code foreign}. */
  public void insmod(String folder) {
    vm.run("for m in " + modules(folder) + "/*.ko; do insmod $m || exit 1; done").ok();
  }

  /** Unloads what is loaded of a folder's: it uses the engine, which the lab takes away. */
  public void rmmod(String folder) {
    vm.run(
            "cd %s 2>/dev/null || exit 0; for m in *.ko; do".formatted(modules(folder))
                + " n=${m%.ko}; n=${n//-/_}; [ ! -d /sys/module/$n ] || rmmod $n || exit 1; done")
        .ok();
  }

  private static String modules(String folder) {
    return "/opt/hauberk/modules/$(uname -r)/" + folder;
  }
}
