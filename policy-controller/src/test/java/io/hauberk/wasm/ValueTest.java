// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values as people write and read them. */
class ValueTest {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "i32, 0, 0, 0",
    "i32, 2147483647, 7fffffff, 2147483647",
    "i32, -1, ffffffff, -1",
    "i32, 4294967295, ffffffff, -1",
    "i32, +7, 7, 7",
    "i32, 0xFf, ff, 255",
    "i32, -0x80000000, 80000000, -2147483648",
    "i64, 18446744073709551615, ffffffffffffffff, -1",
    "i64, -9223372036854775808, 8000000000000000, -9223372036854775808",
    "f32, 1.5, 3fc00000, 1.5",
    "f32, 0.1, 3dcccccd, 0.1",
    "f32, -0, 80000000, -0.0",
    "f32, 1, 3f800000, 1.0",
    "f32, .5e1, 40a00000, 5.0",
    "f32, 0x1p-1, 3f000000, 0.5",
    "f32, 0x10, 41800000, 16.0",
    "f32, inf, 7f800000, inf",
    "f32, nan, 7fc00000, nan",
    "f32, -nan:0x1, ff800001, -nan:0x1",
    "f64, 1e308, 7fe1ccf385ebc8a0, 1.0E308",
    "f64, -Infinity, fff0000000000000, -inf",
    "f64, nan:0xfffffffffffff, 7fffffffffffffff, nan:0xfffffffffffff",
  })
  void readsAndShows(String type, String text, String bits, String shown) {
    Value value = Value.parse(ValueType.valueOf(type.toUpperCase(Locale.ROOT)), text);
    assertThat(Long.toHexString(value.bits())).isEqualTo(bits);
    assertThat(value.toString()).isEqualTo(shown);
    assertThat(Value.parse(value.type(), shown)).isEqualTo(value);
  }

  @ParameterizedTest(name = "{0} ''{1}''")
  @CsvSource({
    "i32, ''",
    "i32, 0x",
    "i32, --1",
    "i32, 0x-1",
    "i32, 1_000",
    "i32, ٣",
    "i32, 4294967296",
    "i64, 18446744073709551616",
    "i64, -9223372036854775809",
    "f32, ''",
    "f32, 1f",
    "f32, e1",
    "f32, nan:0x0",
    "f32, nan:0x800000",
    "f64, nan:0x10000000000000",
    "f64, NaNa",
    "f64, 1e",
    "funcref, 0",
    "externref, null",
  })
  void refuses(String type, String text) {
    ValueType of = ValueType.valueOf(type.toUpperCase(Locale.ROOT));
    assertThatThrownBy(() -> Value.parse(of, text)).isInstanceOf(WasmException.class);
  }

  @Test
  void aReferenceIsNullOrNot() {
    assertThat(new Value(ValueType.FUNCREF, 0)).hasToString("null");
    assertThat(new Value(ValueType.FUNCREF, 1)).hasToString("funcref");
  }
}
