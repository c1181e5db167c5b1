// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import io.hauberk.HauberkException;

/** The lab itself failed, as opposed to what is tested in it. */
public final class LabException extends HauberkException {
  LabException(String message) {
    super(message);
  }

  LabException(String message, Throwable cause) {
    super(message, cause);
  }
}
