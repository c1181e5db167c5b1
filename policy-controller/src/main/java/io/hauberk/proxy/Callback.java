// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.Collections;
import java.util.List;

/** What a guest may export for its host to call. */
enum Callback {
  INITIALIZE("_initialize", 0, Result.NONE),
  MAIN("main", 2, Result.NUMBER),
  START("_start", 0, Result.NONE),
  CONTEXT_CREATE("proxy_on_context_create", 2, Result.NONE),
  DONE("proxy_on_done", 1, Result.YES),
  LOG("proxy_on_log", 1, Result.NONE),
  DELETE("proxy_on_delete", 1, Result.NONE),
  VM_START("proxy_on_vm_start", 2, Result.YES),
  CONFIGURE("proxy_on_configure", 2, Result.YES),
  TICK("proxy_on_tick", 1, Result.NONE),
  NEW_CONNECTION("proxy_on_new_connection", 1, Result.NUMBER),
  DOWNSTREAM_DATA("proxy_on_downstream_data", 3, Result.NUMBER),
  UPSTREAM_DATA("proxy_on_upstream_data", 3, Result.NUMBER),
  DOWNSTREAM_CONNECTION_CLOSE("proxy_on_downstream_connection_close", 2, Result.NONE),
  UPSTREAM_CONNECTION_CLOSE("proxy_on_upstream_connection_close", 2, Result.NONE),
  REQUEST_HEADERS("proxy_on_request_headers", 3, Result.NUMBER),
  REQUEST_BODY("proxy_on_request_body", 3, Result.NUMBER),
  REQUEST_TRAILERS("proxy_on_request_trailers", 2, Result.NUMBER),
  RESPONSE_HEADERS("proxy_on_response_headers", 3, Result.NUMBER),
  RESPONSE_BODY("proxy_on_response_body", 3, Result.NUMBER),
  RESPONSE_TRAILERS("proxy_on_response_trailers", 2, Result.NUMBER),
  HTTP_CALL_RESPONSE("proxy_on_http_call_response", 5, Result.NONE),
  QUEUE_READY("proxy_on_queue_ready", 2, Result.NONE),
  FOREIGN_FUNCTION("proxy_on_foreign_function", 3, Result.NONE);

  private final String export;
  private final int parameters;
  private final Result result;

  /** What it returns. */
  private enum Result {
    NONE,
    /** A number; 0 where the guest does not export it. */
    NUMBER,
    /** Yes or no; yes where the guest does not export it. */
    YES
  }

  Callback(String export, int parameters, Result result) {
    this.export = export;
    this.parameters = parameters;
    this.result = result;
  }

  String export() {
    return export;
  }

  boolean hasResult() {
    return result != Result.NONE;
  }

  /** What counts where the guest does not export it. */
  int absent() {
    return result == Result.YES ? 1 : 0;
  }

  FunctionType type() {
    return FunctionType.of(
        Collections.nCopies(parameters, ValType.I32),
        hasResult() ? List.of(ValType.I32) : List.of());
  }
}
