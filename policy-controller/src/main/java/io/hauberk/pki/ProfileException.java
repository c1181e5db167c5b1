// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.rules.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** A certificate profile has mistakes; the message has one line for each. */
public class ProfileException extends PkiException {
  ProfileException(List<Problem> problems) {
    super(problems.stream().sorted().map(Problem::toString).collect(Collectors.joining("\n")));
  }
}
