// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An argument or a result.
 *
 * @param bits of a narrower type the upper half is zero; of a reference 0 if it is null, otherwise
 *     1
 */
public record Value(ValueType type, long bits) {
  private static final Pattern INTEGER =
      Pattern.compile("[-+]?(?:0[xX](?<hex>[0-9a-fA-F]+)|(?<decimal>[0-9]+))");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?(?:(?<inf>inf(?:inity)?)|(?<nan>nan(?::0x(?<payload>[0-9a-f]{1,13}))?)"
              + "|(?<number>(?<hex>0x[0-9a-f]+(?:\\.[0-9a-f]*)?(?:p[-+]?[0-9]{1,5})?)"
              + "|(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:e[-+]?[0-9]{1,5})?))");
  private static final int HEXADECIMAL = 16;
  private static final String NAN = "nan";
  private static final long F32_PAYLOAD = 0x7f_ffffL;
  private static final long F32_QUIET = 0x40_0000L;
  private static final long F32_INFINITY = 0x7f80_0000L;
  private static final long F64_PAYLOAD = 0xf_ffff_ffff_ffffL;
  private static final long F64_QUIET = 0x8_0000_0000_0000L;
  private static final long F64_INFINITY = 0x7ff0_0000_0000_0000L;

  /**
   * Reads a value as a person writes it: integers in decimal or, after {@code 0x}, hexadecimal,
   * signed or unsigned; floats as Java and C write them, {@code inf}, {@code nan} and {@code
   * nan:0x1}, which names the payload.
   *
   * @throws WasmException if it is not one, or not in the type's range
   */
  public static Value parse(ValueType type, String text) {
    return switch (type) {
      case I32 -> new Value(type, integer(type, text, Integer.SIZE));
      case I64 -> new Value(type, integer(type, text, Long.SIZE));
      case F32, F64 -> new Value(type, floating(type, text));
      default -> throw new WasmException("a " + type.label() + " cannot be given");
    };
  }

  private static long integer(ValueType type, String text, int size) {
    Matcher matcher = INTEGER.matcher(text);
    if (!matcher.matches()) {
      throw wrong(type, text);
    }
    BigInteger number =
        matcher.group("hex") == null
            ? new BigInteger(matcher.group("decimal"))
            : new BigInteger(matcher.group("hex"), HEXADECIMAL);
    BigInteger signed = text.startsWith("-") ? number.negate() : number;
    BigInteger end = BigInteger.ONE.shiftLeft(size);
    if (signed.compareTo(end) >= 0 || signed.compareTo(end.shiftRight(1).negate()) < 0) {
      throw new WasmException(text + " does not fit into an " + type.label());
    }
    return signed.longValue() & -1L >>> Long.SIZE - size;
  }

  private static long floating(ValueType type, String text) {
    Matcher matcher = FLOAT.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw wrong(type, text);
    }
    long bits = magnitude(type, matcher, text);
    return text.startsWith("-") ? bits | sign(type) : bits;
  }

  private static long magnitude(ValueType type, Matcher matcher, String text) {
    boolean wide = type == ValueType.F64;
    if (matcher.group("inf") != null) {
      return wide ? F64_INFINITY : F32_INFINITY;
    }
    if (matcher.group("nan") != null) {
      return (wide ? F64_INFINITY : F32_INFINITY) | payload(type, matcher, text);
    }
    String hex = matcher.group("hex");
    // C needs no exponent in a hexadecimal float, Java does.
    String number = hex != null && !hex.contains("p") ? hex + "p0" : matcher.group("number");
    return wide
        ? Double.doubleToRawLongBits(Double.parseDouble(number))
        : Integer.toUnsignedLong(Float.floatToRawIntBits(Float.parseFloat(number)));
  }

  private static long payload(ValueType type, Matcher matcher, String text) {
    boolean wide = type == ValueType.F64;
    String digits = matcher.group("payload");
    if (digits == null) {
      return wide ? F64_QUIET : F32_QUIET;
    }
    long payload = Long.parseLong(digits, HEXADECIMAL);
    if (payload == 0 || payload > (wide ? F64_PAYLOAD : F32_PAYLOAD)) {
      throw wrong(type, text);
    }
    return payload;
  }

  private static long sign(ValueType type) {
    return type == ValueType.F64 ? Long.MIN_VALUE : 1L << Integer.SIZE - 1;
  }

  private static WasmException wrong(ValueType type, String text) {
    return new WasmException("'" + text + "' is not an " + type.label());
  }

  /** As {@link #parse} reads it; integers signed. */
  @Override
  public String toString() {
    return switch (type) {
      case I32 -> Integer.toString((int) bits);
      case I64 -> Long.toString(bits);
      case F32 -> floating(Float.intBitsToFloat((int) bits), Float.toString((float) f32()));
      case F64 -> floating(f64(), Double.toString(f64()));
      default -> bits == 0 ? "null" : type.label();
    };
  }

  private double f32() {
    return Float.intBitsToFloat((int) bits);
  }

  private double f64() {
    return Double.longBitsToDouble(bits);
  }

  private String floating(double number, String shown) {
    String minus = (bits & sign(type)) == 0 ? "" : "-";
    if (Double.isNaN(number)) {
      boolean wide = type == ValueType.F64;
      long payload = bits & (wide ? F64_PAYLOAD : F32_PAYLOAD);
      boolean canonical = payload == (wide ? F64_QUIET : F32_QUIET);
      return minus + NAN + (canonical ? "" : ":0x" + Long.toHexString(payload));
    }
    return Double.isInfinite(number) ? minus + "inf" : shown;
  }
}
