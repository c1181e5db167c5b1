// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.HauberkException;

/** A file or a folder that the command line asks for cannot be made. */
final class CannotCreateException extends HauberkException {
  CannotCreateException(String message) {
    super(message);
  }
}
