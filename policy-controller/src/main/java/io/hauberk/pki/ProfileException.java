// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

/** A certificate profile has mistakes; the message has one line for each. */
public class ProfileException extends PkiException {
  public ProfileException(String message) {
    super(message);
  }
}
