// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A block of remote addresses.
 *
 * @param address 16 bytes; IPv4 as {@code ::ffff:a.b.c.d}; the bits past the prefix are zero
 * @param prefix 0 to 128; of IPv4 96 to 128
 */
public record Cidr(byte[] address, int prefix) {
  private static final int BITS = 128;
  private static final int BITS_OF_IPV4 = 32;
  private static final int MAPPED = BITS - BITS_OF_IPV4;

  public Cidr {
    address = address.clone();
  }

  @Override
  public byte[] address() {
    return address.clone();
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a lone address.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    byte[] bytes = addressOf(literal);
    int bits = literal.indexOf(':') < 0 ? BITS_OF_IPV4 : BITS;
    int length = slash < 0 ? bits : prefixOf(text.substring(slash + 1), bits);
    int prefix = length + BITS - bits;
    byte[] masked = masked(bytes, prefix);
    if (!Arrays.equals(masked, bytes)) {
      throw new IllegalArgumentException(
          "'" + text + "' has bits set past its prefix; write " + new Cidr(masked, prefix));
    }
    return new Cidr(bytes, prefix);
  }

  /** Whether each address of the other block is in this one. */
  public boolean covers(Cidr other) {
    return prefix <= other.prefix && Arrays.equals(address, masked(other.address, prefix));
  }

  /** How many addresses it holds. */
  BigInteger size() {
    return BigInteger.ONE.shiftLeft(BITS - prefix);
  }

  private static byte[] addressOf(String literal) {
    boolean ipv6 = literal.indexOf(':') >= 0;
    // Only what cannot be a host name goes to InetAddress, which would ask the DNS for one.
    boolean shaped =
        ipv6
            ? literal.matches("[0-9A-Fa-f:.]+")
            : literal.matches("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    if (!shaped) {
      throw notAnAddress(literal);
    }
    try {
      byte[] bytes = InetAddress.getByName(ipv6 ? "[" + literal + "]" : literal).getAddress();
      return bytes.length == BITS / 8 ? bytes : mapped(bytes);
    } catch (UnknownHostException e) {
      throw notAnAddress(literal);
    }
  }

  private static IllegalArgumentException notAnAddress(String literal) {
    return new IllegalArgumentException("'" + literal + "' is not an IPv4 or IPv6 address");
  }

  private static byte[] mapped(byte[] ipv4) {
    byte[] bytes = new byte[BITS / 8];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    System.arraycopy(ipv4, 0, bytes, MAPPED / 8, ipv4.length);
    return bytes;
  }

  private static int prefixOf(String text, int bits) {
    if (!text.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(text) > bits) {
      throw new IllegalArgumentException("'" + text + "' is not a prefix length from 0 to " + bits);
    }
    return Integer.parseInt(text);
  }

  private static byte[] masked(byte[] address, int prefix) {
    byte[] bytes = address.clone();
    for (int bit = prefix; bit < BITS; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cidr that
        && prefix == that.prefix
        && Arrays.equals(address, that.address);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(address) + prefix;
  }

  @Override
  public String toString() {
    try {
      // A mapped address becomes an IPv4 one here.
      InetAddress inet = InetAddress.getByAddress(address);
      int bits = inet.getAddress().length * 8;
      String shown = inet.getHostAddress().replaceFirst("(^|:)(0(:|$)){2,}", "::");
      return shown + "/" + (prefix - BITS + bits);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(HexFormat.of().formatHex(address), e);
    }
  }
}
