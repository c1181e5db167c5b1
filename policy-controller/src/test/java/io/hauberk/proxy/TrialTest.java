// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hauberk.proxy.EventScript.TraceLine;
import io.hauberk.proxy.FilterReport.Finding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The host around a guest: what is stopped, what is refused, what is told. */
class TrialTest {
  private static List<String> trace(byte[] module, String script) {
    return Trial.run(module, EventScripts.ofText("x", script.getBytes(StandardCharsets.ISO_8859_1)))
        .stream()
        .map(TraceLine::text)
        .toList();
  }

  @Test
  void bytesPass() {
    assertThat(trace(TestGuests.pass(), "start\nopen\ndown \"a\\x00\"\nup \"b\" end\n"))
        .containsExactly(
            "callback proxy_on_downstream_data(2, 2, 0) -> 0",
            "out up \"a\\x00\"",
            "out down \"b\" end");
  }

  @Test
  void longBytesAreShortenedInATrace() {
    String script = "start\nopen\nup \"" + "a".repeat(2000) + "\"\n";
    assertThat(trace(TestGuests.pass(), script))
        .containsExactly("out down \"" + "a".repeat(1024) + "\"+976#28534c55");
  }

  @Test
  void moreThanFitsIsNotTaken() {
    String script = "start\nopen\nup \"" + "a".repeat((1 << 20) + 1) + "\" end\n";
    assertThat(trace(TestGuests.pass(), script)).first().isEqualTo("room 1048576");
  }

  @Test
  void anEndlessLoopEnds() {
    assertThat(trace(TestGuests.endless(), "start\ntick\ntick\n"))
        .containsExactly(
            "callback proxy_on_tick(1) -> trap", "trap fuel exhausted", "error not running");
  }

  @Test
  void callsInOneAnotherEnd() {
    assertThat(trace(TestGuests.recursive(), "start\ntick\n"))
        .containsExactly("callback proxy_on_tick(1) -> trap", "trap call stack exhausted");
  }

  @Test
  void aFilterThatTrapsEndsItsConnectionOrIsLeftOut() {
    String script = "start\nopen\ntick\nup \"a\"\nclose local\nopen\nup \"b\"\n";
    assertThat(trace(TestGuests.outOfBounds(), script))
        .containsExactly(
            "callback proxy_on_tick(1) -> trap",
            "trap out of bounds memory access",
            "fail",
            "error not running",
            "error not running",
            "error not running",
            "error not running");
    assertThat(trace(TestGuests.outOfBounds(), "on_failure open\n" + script))
        .containsExactly(
            "callback proxy_on_tick(1) -> trap",
            "trap out of bounds memory access",
            "bypass",
            "out down \"a\"",
            "bypass",
            "out down \"b\"");
  }

  @Test
  void whatIsNoFilterIsNotStarted() {
    assertThat(trace(TestGuests.empty(), "start\nopen\n"))
        .containsExactly(
            "error it exports neither proxy_abi_version_0_2_0 nor proxy_abi_version_0_2_1",
            "error not running");
    assertThat(trace(TestGuests.wrongCallback(), "start\n"))
        .containsExactly("error a callback that it exports has another type than it should");
    assertThatThrownBy(() -> trace(TestGuests.unlinkable(), "start\n"))
        .isInstanceOf(ProxyException.class)
        .hasMessage("cannot be linked: env.no_such_function: the host has no such function");
    assertThatThrownBy(() -> trace(new byte[] {1, 2, 3}, "start\n"))
        .isInstanceOf(ProxyException.class)
        .hasMessageStartingWith("not a valid module");
  }

  @Test
  void aLineThatIsNoEventEndsTheTrial() {
    assertThat(trace(TestGuests.pass(), "start\n\nfly\nopen\n"))
        .containsExactly("error line 3: there is no 'fly'");
    assertThat(trace(TestGuests.pass(), "start\ndown\n"))
        .containsExactly("error line 2: a string is missing");
    assertThat(trace(TestGuests.pass(), "down \"\\q\"\n"))
        .containsExactly(
            "error line 1: '\\q' is no escape: there are \\xNN \\n \\r \\t \\0 \\\\ \\\"");
  }

  @Test
  void whatCannotBeIsToldAndTheTrialGoesOn() {
    assertThat(
            trace(
                TestGuests.pass(),
                "open\nstart\nstart\nseed 1\ndown \"\"\nopen\nopen\ndone\nqueue q\nhttp_timeout 1\n"))
        .containsExactly(
            "error not started",
            "error started already",
            "error started already",
            "error no connection",
            "error a connection is open",
            "error a connection is open",
            "error no such queue",
            "error no such call");
  }

  @Test
  void theInspectorTellsWhatIsWrong() {
    assertThat(FilterInspector.inspect(TestGuests.empty()).findings())
        .extracting(Finding::text)
        .anySatisfy(text -> assertThat(text).startsWith("it exports neither proxy_abi_version"))
        .anySatisfy(text -> assertThat(text).startsWith("it exports neither proxy_on_memory"));
    assertThat(FilterInspector.inspect(TestGuests.wrongCallback()).findings())
        .extracting(Finding::text)
        .containsExactly("proxy_on_tick is not (I32) -> nil, as the ABI has it");
    FilterReport unlinkable = FilterInspector.inspect(TestGuests.unlinkable());
    assertThat(unlinkable.isUsable()).isFalse();
    assertThat(unlinkable.imports()).containsExactly("env.no_such_function");
  }

  @Test
  void theInspectorTellsWhatCouldBeBetter() {
    FilterReport report = FilterInspector.inspect(TestGuests.improvable());
    assertThat(report.isUsable()).isTrue();
    assertThat(report.pages()).isEqualTo(17);
    assertThat(report.floats()).containsExactly("function 3");
    assertThat(report.findings())
        .extracting(Finding::text)
        .anySatisfy(text -> assertThat(text).contains("-z stack-size=8192"))
        .anySatisfy(text -> assertThat(text).startsWith("it computes with floats, in function 3"))
        .contains("proxy_on_downstream_date is no callback of the ABI: it is never called")
        .contains("it has no callback for connections or requests: it sees nothing of them");
  }
}
