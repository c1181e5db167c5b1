// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/**
 * What came of a call that a filter made.
 *
 * @param status of HTTP; 0 if there is none
 * @param headers empty if the call failed
 */
record CallAnswer(int status, String message, HeaderMap headers, byte[] body, HeaderMap trailers) {
  static final CallAnswer NONE =
      new CallAnswer(
          0,
          "",
          new HeaderMap(HeaderMap.Kind.RESPONSE),
          new byte[0],
          new HeaderMap(HeaderMap.Kind.TRAILERS));

  /** Whether there is one. */
  boolean isThere() {
    return headers.size() > 0;
  }

  /** A call to which nobody answered. */
  static CallAnswer failed(String message) {
    return new CallAnswer(0, message, NONE.headers(), NONE.body(), NONE.trailers());
  }
}
