// SPDX-License-Identifier: Apache-2.0
package io.hauberk;

/** The root of everything that Hauberk itself throws; the message is a sentence for a person. */
public class HauberkException extends RuntimeException {
  public HauberkException(String message) {
    super(message);
  }

  public HauberkException(String message, Throwable cause) {
    super(message, cause);
  }
}
