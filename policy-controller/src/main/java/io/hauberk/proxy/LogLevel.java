// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** How grave a message is, by its number. */
enum LogLevel {
  TRACE,
  DEBUG,
  INFO,
  WARN,
  ERROR,
  CRITICAL
}
