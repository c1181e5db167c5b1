// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

/** What a rule does with a connection. */
public enum Action {
  /** Mutual TLS or nothing. */
  STRICT("strict", 1),
  /** Plaintext, by the rule's own word. */
  OFF("off", 2),
  /** No connection. */
  DENY("deny", 3),
  /** Inbound: mutual TLS with who speaks TLS, plaintext with who does not. */
  PERMISSIVE("permissive", 4);

  private final String label;
  private final int code;

  Action(String label, int code) {
    this.label = label;
    this.code = code;
  }

  public String label() {
    return label;
  }

  /** Whether TLS is spoken at all, so that there is an identity, and peers that are allowed. */
  public boolean speaksTls() {
    return this == STRICT || this == PERMISSIVE;
  }

  /** The number in the decision table: {@code enum hbk_action}. */
  public int code() {
    return code;
  }
}
