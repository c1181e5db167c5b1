// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** What guests may continue or close, by its number. */
enum StreamType {
  HTTP_REQUEST,
  HTTP_RESPONSE,
  DOWNSTREAM,
  UPSTREAM
}
