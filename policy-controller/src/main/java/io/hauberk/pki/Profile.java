// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.rules.KeyType;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an authority makes certificates; {@code certs/profiles} holds the ones that are delivered.
 *
 * @param caKey the kind of the authority's key
 * @param caLifetime the validity of the authority's certificate
 * @param leafKey the kind of an identity's key, unless its rule-set names another
 * @param leafLifetime the validity of a leaf, unless its rule-set names another
 */
public record Profile(KeyType caKey, Duration caLifetime, KeyType leafKey, Duration leafLifetime) {
  /** How far certificates reach back, because the clocks of two machines never agree. */
  public static final Duration BACKDATE = Duration.ofMinutes(5);

  /** The same as certs/profiles/default.yaml. */
  public static final Profile DEFAULT =
      new Profile(KeyType.EC_P256, Duration.ofDays(3650), KeyType.EC_P256, Duration.ofHours(24));

  private static final Pattern LIFETIME = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

  /** Reads a lifetime such as {@code 90s}, {@code 10m}, {@code 24h} or {@code 3650d}. */
  public static Duration parseLifetime(String text) {
    Matcher matcher = LIFETIME.matcher(text);
    if (!matcher.matches()) {
      throw new PkiException(
          "lifetime \"" + text + "\" is not a number followed by s, m, h or d, such as 24h");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
