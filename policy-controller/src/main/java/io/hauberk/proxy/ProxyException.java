// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.HauberkException;

/** A filter, or a script for trying one, is not what it should be. */
public final class ProxyException extends HauberkException {
  public ProxyException(String message) {
    super(message);
  }

  public ProxyException(String message, Throwable cause) {
    super(message, cause);
  }
}
