// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.HauberkException;

/** A message that breaks the rules of HTTP/1.1, with the status that its sender is told. */
final class HttpFault extends HauberkException {
  private final int status;

  HttpFault(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
