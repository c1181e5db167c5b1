// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.proxy.EventScript.TraceLine;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How event scripts are read and what they find wrong. */
class EventScriptsTest {
  private static final String WHOLE =
      """
      module: probe
      scripts:
        - name: one
          about: a sentence
          setup:
            properties: {source.address: "10.0.0.1:5000"}
            upstreams: [auth, more]
            seed: 7
            clock: 1700000000000000001
            on_failure: open
            plugin_config: |
              a: "b"
            vm_config: "\\x00\\xff"
            root: my root
            mode: http
          events:
            - start
            - open
            - down: "GET / HTTP/1.1\\r\\n"
              end: true
              expect: [a line, "/^li.e$/"]
              forbid: [/trap/]
            - up: [{repeat: 3, of: "ab"}, {hex: "00 fF"}, c]
            - http_response: {id: 1, bytes: "HTTP/1.1 200 OK\\r\\n\\r\\n"}
            - http_timeout: 2
            - foreign: {id: 9, bytes: "x"}
            - queue: jobs
            - advance: 1000000
            - close: remote
            - done
        - name: two
          module: other
          events: [start]
      """;

  @Test
  void theTextOfAScript() {
    List<EventScript> scripts = EventScripts.parse(WHOLE);
    assertThat(scripts).extracting(EventScript::name).containsExactly("one", "two");
    assertThat(scripts).extracting(EventScript::module).containsExactly("probe", "other");
    assertThat(scripts.get(0).text())
        .isEqualTo(
            """
            mode http
            root "my root"
            vm_config "\\x00\\xff"
            plugin_config "a: \\"b\\"\\n"
            on_failure open
            clock 1700000000000000001
            seed 7
            upstream auth
            upstream more
            property source.address "10.0.0.1:5000"
            start
            open
            down "GET / HTTP/1.1\\r\\n" end
            up "ababab\\x00\\xffc"
            http_response 1 "HTTP/1.1 200 OK\\r\\n\\r\\n"
            http_timeout 2
            foreign 9 "x"
            queue jobs
            advance 1000000
            close remote
            done
            """);
  }

  @Test
  void aFileMayBeOneScript() {
    EventScript script = EventScripts.parse("name: x\nevents: [start, 'down \"a\"']\n").get(0);
    assertThat(script.module()).isEmpty();
    assertThat(script.text()).isEqualTo("start\ndown \"a\"\n");
  }

  private static TraceLine line(int scriptLine, String text) {
    return new TraceLine(scriptLine, text);
  }

  @Test
  void whatIsExpectedHasItsOrderAndItsEvent() {
    EventScript script =
        EventScripts.parse(
                """
                name: x
                events:
                  - start
                  - tick:
                    expect: [one, /tw/]
                    forbid: [bad]
                expect: [zero, two]
                """)
            .get(0);
    assertThat(
            script.faults(
                List.of(line(0, "zero"), line(1, "one"), line(1, "else"), line(1, "two"))))
        .isEmpty();
    assertThat(script.faults(List.of(line(0, "one"), line(1, "two"), line(1, "bad"))))
        .containsExactly(
            "x, event 2 (tick): expected one",
            "x, event 2 (tick): forbidden by bad: bad",
            "x: expected zero");
    assertThat(script.faults(List.of(line(0, "zero"), line(1, "two"), line(1, "one"))))
        .containsExactly("x, event 2 (tick): expected /tw/");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "[1 | not YAML",
        "a | the file is not a mapping",
        "scripts: 1 | scripts is not a list",
        "{name: x, evens: []} | x: there is no key 'evens'",
        "{name: x, events: [{jump: 1}]} | x, event 1: there is no event 'jump'",
        "{name: x, events: [{up: a, down: b}]} | x, event 1 has a second event, 'down'",
        "{name: x, events: [{end: true}]} | x, event 1 names no event",
        "{name: x, events: [{up: Ω}]} | characters above U+00FF are no bytes",
        "{name: x, events: [{up: {hex: 0}}]} | '0' is not hexadecimal",
        "{name: x, events: [{up: {repeat: -1, of: a}}]} | repeat is a number",
        "{name: x, events: [], expect: ['/[/']} | /[/ is no regular expression",
        "{name: ../x, events: []} | the script.name is of letters",
        "{scripts: [{name: x}, {name: x}]} | two scripts are named x",
        "{name: x, setup: {colour: red}} | x.setup: there is no key 'colour'",
      })
  void whatIsWrongIsNamed(String yaml, String message) {
    assertThatThrownBy(() -> EventScripts.parse(yaml))
        .isInstanceOf(ProxyException.class)
        .hasMessageContaining(message);
  }
}
