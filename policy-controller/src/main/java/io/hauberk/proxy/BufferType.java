// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** The buffers that guests may ask for, by their numbers. */
enum BufferType {
  HTTP_REQUEST_BODY,
  HTTP_RESPONSE_BODY,
  DOWNSTREAM_DATA,
  UPSTREAM_DATA,
  HTTP_CALL_RESPONSE_BODY,
  GRPC_CALL_MESSAGE,
  VM_CONFIGURATION,
  PLUGIN_CONFIGURATION,
  FOREIGN_FUNCTION_ARGUMENTS
}
