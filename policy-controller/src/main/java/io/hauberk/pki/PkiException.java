// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.HauberkException;

/** A certificate, a key or the state directory is not as it must be. */
public class PkiException extends HauberkException {
  public PkiException(String message) {
    super(message);
  }

  public PkiException(String message, Throwable cause) {
    super(message, cause);
  }
}
