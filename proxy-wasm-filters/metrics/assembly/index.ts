// SPDX-License-Identifier: Apache-2.0
//
// metrics - counts requests and connections, their bytes and how long they took
//
// It has no callback for bodies: a host may have to hold a message back for a filter that looks at its body.

import {
  CONTINUE,
  COUNTER,
  GAUGE,
  HISTOGRAM,
  RESPONSE_HEADERS,
  configuration,
  defineMetric,
  firstByteOfHeader,
  increment,
  logError,
  now,
  record,
} from "./host";

export { aborted } from "./host";

const PREFIX_MOST = 64;
const CLASSES = 5;
const NANOSECONDS_OF_A_MILLISECOND: u64 = 1000000;

/** What is remembered of a request or a connection while it lives. */
class Stream {
  constructor(public started: u64) {}
  counted: bool = false;
}

const statusName = String.UTF8.encode(":status");
const streams = new Map<u32, Stream>();
const responses = new StaticArray<u32>(CLASSES);
let requests: u32 = 0;
let connections: u32 = 0;
let active: u32 = 0;
let bytesDown: u32 = 0;
let bytesUp: u32 = 0;
let duration: u32 = 0;

/** The host asks here for memory when it hands bytes over. */
export function malloc(size: usize): usize {
  return heap.alloc(size);
}

export function proxy_abi_version_0_2_1(): void {}

function isNameLetter(code: i32): bool {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code == 0x5f;
}

/** The prefix out of {"prefix": "shop_"}; null if the text is anything else. */
function readPrefix(text: string): string | null {
  const bare = text.trim();
  if (bare.length == 0) return "";
  if (!bare.startsWith("{") || !bare.endsWith("}")) return null;
  const inner = bare.substring(1, bare.length - 1).trim();
  if (inner.length == 0) return "";
  if (!inner.startsWith('"prefix"')) return null;
  const after = inner.substring(8).trimStart();
  if (!after.startsWith(":")) return null;
  const value = after.substring(1).trim();
  if (value.length < 2 || value.length > PREFIX_MOST + 2 || !value.startsWith('"') || !value.endsWith('"')) return null;
  for (let i = 1; i < value.length - 1; i++) {
    if (!isNameLetter(value.charCodeAt(i))) return null;
  }
  return value.substring(1, value.length - 1);
}

export function proxy_on_configure(root: u32, size: usize): u32 {
  const prefix = readPrefix(configuration(size));
  if (prefix === null) {
    logError('configuration refused: expected {"prefix": "letters_digits_"}, the prefix of at most 64 characters');
    return 0;
  }
  requests = defineMetric(COUNTER, prefix + "requests_total");
  for (let i = 0; i < CLASSES; i++) {
    responses[i] = defineMetric(COUNTER, prefix + "responses_" + (i + 1).toString() + "xx_total");
  }
  connections = defineMetric(COUNTER, prefix + "connections_total");
  active = defineMetric(GAUGE, prefix + "streams_active");
  bytesDown = defineMetric(COUNTER, prefix + "bytes_down_total");
  bytesUp = defineMetric(COUNTER, prefix + "bytes_up_total");
  duration = defineMetric(HISTOGRAM, prefix + "duration_ms");
  __collect();
  return 1;
}

function begin(context: u32, counter: u32): void {
  const stream = streams.has(context) ? streams.get(context) : new Stream(now());
  streams.set(context, stream);
  stream.counted = true;
  increment(counter, 1);
  increment(active, 1);
}

export function proxy_on_context_create(context: u32, parent: u32): void {
  if (parent != 0) streams.set(context, new Stream(now()));
}

export function proxy_on_new_connection(context: u32): u32 {
  begin(context, connections);
  return CONTINUE;
}

export function proxy_on_downstream_data(context: u32, size: usize, end: u32): u32 {
  increment(bytesDown, size);
  return CONTINUE;
}

export function proxy_on_upstream_data(context: u32, size: usize, end: u32): u32 {
  increment(bytesUp, size);
  return CONTINUE;
}

export function proxy_on_request_headers(context: u32, headers: u32, end: u32): u32 {
  begin(context, requests);
  return CONTINUE;
}

export function proxy_on_response_headers(context: u32, headers: u32, end: u32): u32 {
  const digit = firstByteOfHeader(RESPONSE_HEADERS, statusName);
  if (digit >= 0x31 && digit < 0x31 + CLASSES) increment(responses[digit - 0x31], 1);
  return CONTINUE;
}

/** Nothing of the filter is on the stack at its end, so that the collector may run. */
export function proxy_on_delete(context: u32): void {
  if (streams.has(context)) {
    const stream = streams.get(context);
    if (stream.counted) {
      increment(active, -1);
      record(duration, (now() - stream.started) / NANOSECONDS_OF_A_MILLISECOND);
    }
    streams.delete(context);
  }
  __collect();
}
