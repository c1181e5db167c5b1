// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.HauberkException;

/** A file that the command line names is not there. */
final class NoInputException extends HauberkException {
  NoInputException(String message) {
    super(message);
  }
}
