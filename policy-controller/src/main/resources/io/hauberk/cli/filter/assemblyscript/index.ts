// SPDX-License-Identifier: Apache-2.0
//
// @NAME@ - sets the header x-@NAME@ of every response to the text of its configuration

import { CONTINUE, RESPONSE_HEADERS, configuration, logError, replaceHeader } from "./host";

let value: string = "";

export function proxy_abi_version_0_2_1(): void {}

/** The host asks here for memory when it hands bytes over. */
export function malloc(size: usize): usize {
  return heap.alloc(size);
}

/** What the language does in place of a trap with a name: its message goes to the log. */
export function aborted(message: string | null, file: string | null, line: u32, column: u32): void {
  logError(message === null ? "stopped" : message);
  unreachable();
}

/** Once, before the first connection. 0 refuses the configuration; say why in the log. */
export function proxy_on_configure(root: u32, size: usize): u32 {
  value = configuration(size);
  if (value.length == 0) {
    logError("configuration refused: expected the value of the header");
    return 0;
  }
  return 1;
}

/** `protocol: http`: the head of a response. */
export function proxy_on_response_headers(context: u32, headers: u32, end: u32): u32 {
  replaceHeader(RESPONSE_HEADERS, "x-@NAME@", value);
  return CONTINUE;
}

/** `protocol: tcp`: bytes of the client's; size is how many the filter holds, with those that it paused for. */
export function proxy_on_downstream_data(context: u32, size: usize, end: u32): u32 {
  return CONTINUE;
}

/** Nothing of the filter is on the stack at its end, so that the collector may run. */
export function proxy_on_delete(context: u32): void {
  __collect();
}
