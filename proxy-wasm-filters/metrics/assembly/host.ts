// SPDX-License-Identifier: Apache-2.0
//
// The part of proxy-wasm's ABI 0.2.1 that the filter uses, with nothing between it and the host.

@external("env", "proxy_log")
declare function proxy_log(level: u32, message: usize, size: usize): u32;
@external("env", "proxy_get_current_time_nanoseconds")
declare function proxy_get_current_time_nanoseconds(time: usize): u32;
@external("env", "proxy_get_buffer_bytes")
declare function proxy_get_buffer_bytes(buffer: u32, start: usize, max: usize, data: usize, size: usize): u32;
@external("env", "proxy_get_header_map_value")
declare function proxy_get_header_map_value(map: u32, key: usize, keySize: usize, value: usize, size: usize): u32;
@external("env", "proxy_define_metric")
declare function proxy_define_metric(type: u32, name: usize, size: usize, metric: usize): u32;
@external("env", "proxy_increment_metric")
declare function proxy_increment_metric(metric: u32, delta: i64): u32;
@external("env", "proxy_record_metric")
declare function proxy_record_metric(metric: u32, value: u64): u32;

export const CONTINUE: u32 = 0;
export const COUNTER: u32 = 0;
export const GAUGE: u32 = 1;
export const HISTOGRAM: u32 = 2;
export const RESPONSE_HEADERS: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;
const LOG_ERROR: u32 = 4;
const OK: u32 = 0;

// Where the host writes its answers; it lies among the module's own data, which nothing moves.
const outPointer: usize = memory.data(8, 8);
const outSize: usize = memory.data(8, 8);
const outNumber: usize = memory.data(8, 8);

/** What the language does in place of a trap with a name: its message goes to the log. */
export function aborted(message: string | null, file: string | null, line: u32, column: u32): void {
  logError(message === null ? "stopped" : message);
  unreachable();
}

export function logError(text: string): void {
  const bytes = String.UTF8.encode(text);
  proxy_log(LOG_ERROR, changetype<usize>(bytes), bytes.byteLength);
}

export function now(): u64 {
  proxy_get_current_time_nanoseconds(outNumber);
  return load<u64>(outNumber);
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

/** The first byte of a header's value, or 0: all that is needed of a status. */
export function firstByteOfHeader(map: u32, name: ArrayBuffer): u32 {
  if (proxy_get_header_map_value(map, changetype<usize>(name), name.byteLength, outPointer, outSize) != OK) return 0;
  const data = load<usize>(outPointer);
  if (data == 0) return 0;
  const first: u32 = load<usize>(outSize) > 0 ? load<u8>(data) : 0;
  heap.free(data);
  return first;
}

/** A number for the metric; the trap, if there can be none, is better than counts that go nowhere. */
export function defineMetric(type: u32, name: string): u32 {
  const bytes = String.UTF8.encode(name);
  if (proxy_define_metric(type, changetype<usize>(bytes), bytes.byteLength, outNumber) != OK) aborted("no metric " + name, null, 0, 0);
  return load<u32>(outNumber);
}

export function increment(metric: u32, delta: i64): void {
  proxy_increment_metric(metric, delta);
}

export function record(metric: u32, value: u64): void {
  proxy_record_metric(metric, value);
}
