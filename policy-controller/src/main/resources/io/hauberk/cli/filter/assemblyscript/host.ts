// SPDX-License-Identifier: Apache-2.0
//
// What the filter uses of proxy-wasm's ABI 0.2.1. The ABI has more: declare what you need in the same way.

@external("env", "proxy_log")
declare function proxy_log(level: u32, message: usize, size: usize): u32;
@external("env", "proxy_get_buffer_bytes")
declare function proxy_get_buffer_bytes(buffer: u32, start: usize, max: usize, data: usize, size: usize): u32;
@external("env", "proxy_replace_header_map_value")
declare function proxy_replace_header_map_value(map: u32, key: usize, keySize: usize, value: usize, size: usize): u32;

export const CONTINUE: u32 = 0;
export const PAUSE: u32 = 1;
export const RESPONSE_HEADERS: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;
const LOG_ERROR: u32 = 4;
const OK: u32 = 0;

// Where the host writes its answers.
const outPointer: usize = memory.data(8, 8);
const outSize: usize = memory.data(8, 8);

export function logError(text: string): void {
  const bytes = String.UTF8.encode(text);
  proxy_log(LOG_ERROR, changetype<usize>(bytes), bytes.byteLength);
}

/** The plugin's configuration as text. */
export function configuration(size: usize): string {
  if (size == 0 || proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, outPointer, outSize) != OK) return "";
  const data = load<usize>(outPointer);
  if (data == 0) return "";
  const text = String.UTF8.decodeUnsafe(data, load<usize>(outSize));
  heap.free(data);
  return text;
}

export function replaceHeader(map: u32, name: string, value: string): void {
  const key = String.UTF8.encode(name);
  const bytes = String.UTF8.encode(value);
  proxy_replace_header_map_value(map, changetype<usize>(key), key.byteLength, changetype<usize>(bytes), bytes.byteLength);
}
