// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1:8000",
    "0:0:0:0:0:0:0:1, [::1]:8000",
    "0:0:0:0:0:0:0:0, [::]:8000",
    "2001:db8:0:0:0:0:0:1, [2001:db8::1]:8000",
    "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:8000",
    "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:8000",
    "fe80:0:0:0:1:0:0:0, [fe80::1:0:0:0]:8000",
    "1:2:3:4:5:6:0:0, [1:2:3:4:5:6::]:8000",
  })
  void addressesAreShort(String address, String expected) throws UnknownHostException {
    InetSocketAddress socket = new InetSocketAddress(InetAddress.getByName(address), 8000);

    assertThat(Text.address(socket)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1536, 1.5 KiB",
    "1073741824, 1.0 GiB",
    "2251799813685248, 2048.0 TiB",
  })
  void bytesAreShort(long number, String expected) {
    assertThat(Text.bytes(number)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0s", "59, 59s", "125, 2m5s", "7260, 2h1m", "100800, 1d4h"})
  void spansAreShort(long seconds, String expected) {
    assertThat(Text.span(Duration.ofSeconds(seconds))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, rule, 0 rules", "1, rule, 1 rule", "2, identity, 2 identities"})
  void nounsAgreeWithTheirNumber(long number, String noun, String expected) {
    assertThat(Text.count(number, noun)).isEqualTo(expected);
  }
}
