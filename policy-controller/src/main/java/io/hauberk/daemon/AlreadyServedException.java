// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.HauberkException;

/** Another daemon keeps this state directory. */
public final class AlreadyServedException extends HauberkException {
  public AlreadyServedException(String message) {
    super(message);
  }
}
