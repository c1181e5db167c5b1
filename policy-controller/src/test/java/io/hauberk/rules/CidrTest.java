// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Address blocks, IPv4 ones mapped into IPv6. */
class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8, 104",
    "127.0.0.1, 127.0.0.1/32, 128",
    "0.0.0.0/0, 0.0.0.0/0, 96",
    "::/0, ::/0, 0",
    "::1, ::1/128, 128",
    "2001:db8::/32, 2001:db8::/32, 32",
    "2001:db8:0:0:1::, 2001:db8::1:0:0:0/128, 128",
    "::ffff:10.0.0.0/104, 10.0.0.0/8, 104",
    "fe80::/10, fe80::/10, 10",
  })
  void readsAndShows(String written, String shown, int prefix) {
    Cidr cidr = Cidr.parse(written);
    assertThat(cidr).hasToString(shown);
    assertThat(cidr.prefix()).isEqualTo(prefix);
    assertThat(Cidr.parse(shown)).isEqualTo(cidr).hasSameHashCodeAs(cidr);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/8",
        "10",
        "10.0.0",
        "010.0.0.0",
        "10.0.0.256",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "::/129",
        "1::2::3",
        ":",
        "fe80::1%eth0",
        "[::1]",
        "example.org",
        "10.0.0.1/31"
      })
  void refuses(String written) {
    assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(written));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.1.0.0/16, true",
    "10.1.0.0/16, 10.0.0.0/8, false",
    "10.0.0.0/8, 10.0.0.0/8, true",
    "10.0.0.0/8, 11.0.0.0/8, false",
    "::/0, 10.0.0.0/8, true",
    "0.0.0.0/0, ::1, false",
    "fc00::/7, fd00::/8, true",
  })
  void covers(String outer, String inner, boolean expected) {
    assertThat(Cidr.parse(outer).covers(Cidr.parse(inner))).isEqualTo(expected);
  }
}
