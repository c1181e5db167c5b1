// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The module of a filter, under a name that its content decides: another content is another guest,
 * so the old one stays until nobody uses it.
 *
 * @param filter the name of the filter
 * @param digest the SHA-256 of the module, in lower-case hexadecimal
 */
public record FilterModule(String filter, byte[] bytes, String digest) {
  /** Of a digest, so much stands in the name of a guest. */
  private static final int SHOWN = 12;

  /** As the schema has it: with the digest behind it, it still is the name of a guest. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,46}[A-Za-z0-9])?");

  /** Whether a filter can be called so. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  public static FilterModule of(String filter, byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new FilterModule(filter, bytes, HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The name under which the kernel holds it. */
  public String guest() {
    return filter + suffix(digest);
  }

  /**
   * The filter of a guest.
   *
   * @param digest of its module
   * @return empty if the guest's name is not one that {@link #guest()} made
   */
  public static String filterOf(String guest, String digest) {
    boolean ours = digest.length() >= SHOWN && guest.endsWith(suffix(digest));
    return ours ? guest.substring(0, guest.length() - suffix(digest).length()) : "";
  }

  private static String suffix(String digest) {
    return "-" + digest.substring(0, SHOWN);
  }
}
