// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.HauberkException;
import java.nio.file.Path;

/** The file of a rule-set cannot be read. */
public final class RuleSetFileException extends HauberkException {
  public RuleSetFileException(Path file, String why, Throwable cause) {
    super(file + ": " + why, cause);
  }
}
