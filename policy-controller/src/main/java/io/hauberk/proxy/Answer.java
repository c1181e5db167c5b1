// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** What a function of the host returns to a guest. */
interface Answer {
  int code();
}
