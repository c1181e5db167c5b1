// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a command in the guest left.
 *
 * @param command for messages
 * @param status as a shell tells it
 */
public record Output(String command, int status, String out, String err) {

  /** Asserts that the command succeeded. */
  public Output ok() {
    return status(0);
  }

  /** Asserts the command's exit status. */
  public Output status(int expected) {
    assertThat(status).as("exit status of: %s%n%s%s", command, out, err).isEqualTo(expected);
    return this;
  }

  /** Asserts that the command failed. */
  public Output failed() {
    assertThat(status).as("exit status of: %s%n%s%s", command, out, err).isNotZero();
    return this;
  }

  /** Both outputs. */
  public String all() {
    return out + err;
  }
}
