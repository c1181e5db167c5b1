# SPDX-License-Identifier: Apache-2.0
"""Speaks the protocol of /dev/hauberk, independently of the controller, for tests in the guest.

docs/device-protocol.md and kmod/include/uapi/hauberk.h tell what is done here: one write is one request, one read
is one frame. Every integer is little-endian; an attribute is padded to four bytes.
"""

import ipaddress
import os
import select
import struct

PATH = "/dev/hauberk"
FRAME_MAX = 131072
ATTR_DATA_MAX = 65531

FRAMES = {
    "HELLO": 1, "BEGIN": 2, "ANCHOR": 3, "IDENTITY": 4, "TABLE": 5, "SETTINGS": 6, "COMMIT": 7, "ABORT": 8,
    "STATUS": 9, "CONNECTIONS": 10, "FOLLOW": 11,
    "WASM_BEGIN": 12, "WASM_CHUNK": 13, "WASM_COMMIT": 14, "WASM_ABORT": 15, "WASM_LIST": 16, "WASM_INFO": 17,
    "WASM_RUN": 18, "WASM_UNLOAD": 19, "WASM_LOG": 20,
    "FILTER": 21, "UPSTREAM": 22, "FILTERS": 23, "METRICS": 24, "FILTER_TRY": 25,
    "REPLY": 0x8000, "HELLO_REPLY": 0x8001, "STATUS_REPLY": 0x8002, "RULE_STATUS": 0x8003,
    "IDENTITY_STATUS": 0x8004, "CONNECTION": 0x8005,
    "WASM_GUEST": 0x8006, "WASM_IMPORT": 0x8007, "WASM_EXPORT": 0x8008, "WASM_RESULT": 0x8009,
    "WASM_LINES": 0x800A, "FILTER_STATUS": 0x800B, "METRIC": 0x800C, "FILTER_LINES": 0x800D,
    "EVENT_OPENED": 0xC000, "EVENT_CLOSED": 0xC001, "EVENT_REFUSED": 0xC002, "EVENT_RULESET": 0xC003,
    "EVENT_LOST": 0xC004, "EVENT_WASM_LOADED": 0xC005, "EVENT_WASM_UNLOADED": 0xC006,
    "EVENT_WASM_QUARANTINED": 0xC007, "EVENT_FILTER_FAILED": 0xC008,
}
FRAME_NAMES = {number: name for name, number in FRAMES.items()}

U8, U16, U32, U64, TEXT, BYTES, ADDRESS = "<B", "<H", "<I", "<Q", "text", "bytes", "address"
ATTRS = {
    "ERRNO": (1, U32), "TEXT": (2, TEXT), "ITEM": (3, TEXT), "VERSION": (4, U32), "VERSION_MIN": (5, U32),
    "VERSION_MAX": (6, U32), "MODULE_VERSION": (7, TEXT), "INSTANCE": (8, U64), "GENERATION": (9, U64),
    "EXPECT_GENERATION": (10, U64), "LABEL": (11, TEXT), "NAME": (12, TEXT), "SPIFFE_ID": (13, TEXT),
    "CERT": (14, BYTES), "KEY": (15, BYTES), "OFFSET": (16, U32), "DATA": (17, BYTES),
    "HANDSHAKE_TIMEOUT_MS": (18, U32), "HANDSHAKE_MAX": (19, U32), "REPLAY": (20, U32), "TIME_NS": (21, U64),
    "RULE": (22, TEXT), "CONNECTION_ID": (23, U64), "DIRECTION": (24, U8), "LOCAL_ADDRESS": (25, ADDRESS),
    "LOCAL_PORT": (26, U16), "REMOTE_ADDRESS": (27, ADDRESS), "REMOTE_PORT": (28, U16), "PID": (29, U32),
    "UID": (30, U32), "COMM": (31, TEXT), "IDENTITY": (32, TEXT), "PEER_ID": (33, TEXT), "PEER_NAME": (34, TEXT),
    "PEER_SERIAL": (35, BYTES), "PEER_NOT_AFTER": (36, U64), "SUITE": (37, U16), "KTLS": (38, U8),
    "HANDSHAKE_US": (39, U32), "RX_BYTES": (40, U64), "TX_BYTES": (41, U64), "REASON": (42, TEXT),
    "LOST": (43, U64), "SERIAL": (44, BYTES), "NOT_BEFORE": (45, U64), "NOT_AFTER": (46, U64),
    "KEY_TYPE": (47, TEXT), "HANDSHAKES_INBOUND": (48, U32), "CONNECTIONS_OPEN": (49, U32), "MATCHED": (50, U64),
    "OPENED": (51, U64), "REFUSED": (52, U64), "DENIED": (53, U64), "CLOSED": (54, U64), "EVENTS_LOST": (55, U64),
    "ANCHORS": (56, U32), "HANDSHAKE_RATE": (57, U32), "SESSION_MAX": (58, U32), "RECORD_LAYER": (59, U8),
    "SESSIONS": (60, U32), "RESUMED": (61, U64), "PLAIN": (62, U64), "PASSED": (63, U64),
    "HANDSHAKES_OUTBOUND": (64, U32), "SIZE": (65, U32), "FLAGS": (66, U32), "MODULE": (67, BYTES),
    "FIELD": (68, BYTES), "KIND": (69, U8), "PARAMETERS": (70, BYTES), "RESULTS": (71, BYTES), "VALUE_TYPE": (72, U8),
    "MUTABLE": (73, U8), "MIN": (74, U32), "MAX": (75, U32), "EXPORT": (76, BYTES), "VALUES": (77, BYTES),
    "BUDGET": (78, U64), "INSTRUCTIONS": (79, U64), "DURATION_NS": (80, U64), "TRAP": (81, TEXT), "TRAPS": (82, U64),
    "QUARANTINED": (83, U8), "COMPILED": (84, U8), "FLOATS": (85, U8), "INSTANCES": (86, U32),
    "MEMORY_BYTES": (87, U64), "FUNCTIONS": (88, U32), "IMPORTS": (89, U32), "EXPORTS": (90, U32),
    "DIGEST": (91, BYTES), "FUNCTION": (92, U32), "CALLS": (93, U64), "POSITION": (94, U64),
    "VM_ID": (95, TEXT), "ROOT_ID": (96, TEXT), "VM_CONFIG": (97, BYTES), "CONFIG": (98, BYTES), "ON_FAILURE": (99, U8),
    "MODE": (100, U8), "ISOLATION": (101, U8), "ADDRESS": (102, ADDRESS), "PORT": (103, U16), "STREAMS": (104, U64),
    "BYPASSED": (105, U64), "FAILED": (106, U64), "VALUE": (107, U64), "SAMPLES": (108, U64),
}
ATTR_NAMES = {number: (name, kind) for name, (number, kind) in ATTRS.items()}

INBOUND, OUTBOUND = 1, 2
STRICT, OFF, DENY, PERMISSIVE = 1, 2, 3, 4
ON_TLS_REFUSE, ON_TLS_PASSTHROUGH = 0, 1
RECORDS_KERNEL, RECORDS_OWN = 0, 1


class Refused(Exception):
    """A REPLY that tells an error."""

    def __init__(self, reply):
        super().__init__(f"{os.strerror(reply['ERRNO'])}: {reply.get('ITEM')}: {reply['TEXT']}")
        self.errno = reply["ERRNO"]
        self.item = reply.get("ITEM")
        self.text = reply["TEXT"]


def raw_attr(number, payload):
    """An attribute of any number and payload, right or wrong."""
    return struct.pack("<HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def attr(name, value):
    number, kind = ATTRS[name]
    if kind == TEXT:
        value = value.encode()
    elif kind == ADDRESS:
        value = ipaddress.IPv6Address(value).packed
    elif kind != BYTES:
        value = struct.pack(kind, value)
    return raw_attr(number, value)


def raw_frame(number, attrs=b"", sequence=1, reserved=0, reserved2=0):
    """A frame of any type whose length is right, whatever the attributes are."""
    return struct.pack("<IHHII", 16 + len(attrs), number, reserved, sequence, reserved2) + attrs


def frame(name, *attrs, sequence=1):
    """attrs are pairs of a name and a value, in order; a name may come more than once."""
    return raw_frame(FRAMES[name], b"".join(attr(*pair) for pair in attrs), sequence)


def decode(data):
    """The frame as a dictionary; its type and sequence are "frame" and "sequence"."""
    length, number, reserved, sequence, reserved2 = struct.unpack_from("<IHHII", data)
    if length != len(data) or reserved or reserved2:
        raise ValueError(f"malformed frame header: {data[:16].hex()}")
    decoded = {"frame": FRAME_NAMES[number], "sequence": sequence}
    at = 16
    while at < length:
        size, number = struct.unpack_from("<HH", data, at)
        name, kind = ATTR_NAMES[number]
        payload = data[at + 4:at + size]
        if size < 4 or len(payload) != size - 4 or name in decoded:
            raise ValueError(f"malformed attribute {name} in {data.hex()}")
        if kind == TEXT:
            payload = payload.decode()
        elif kind == ADDRESS:
            payload = ipaddress.IPv6Address(payload)
        elif kind != BYTES:
            (payload,) = struct.unpack(kind, payload)
        decoded[name] = payload
        at += (size + 3) & ~3
    return decoded


class Device:
    """An opener of the device."""

    def __init__(self, hello=True, flags=0, label="test"):
        self.fd = os.open(PATH, os.O_RDWR | os.O_CLOEXEC | flags)
        self.sequence = 0
        if hello:
            self.hello = self.ask("HELLO", ("VERSION_MIN", 1), ("VERSION_MAX", 1), ("LABEL", label))[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        os.close(self.fd)

    def write(self, data):
        return os.write(self.fd, data)

    def read(self, size=FRAME_MAX):
        return decode(os.read(self.fd, size))

    def events(self, timeout=0, interest=select.POLLIN | select.POLLOUT):
        """What poll() says of the descriptor, after so many seconds at most."""
        poll = select.poll()
        poll.register(self.fd, interest)
        ready = poll.poll(timeout * 1000)
        return ready[0][1] if ready else 0

    def readable(self, timeout=0):
        return bool(self.events(timeout, select.POLLIN))

    def exchange(self, data):
        """Writes one request, and returns all frames of its answer; the outcome is the last one."""
        self.write(data)
        (sequence,) = struct.unpack_from("<I", data, 8)
        frames = [self.read()]
        while frames[-1]["frame"] not in ("REPLY", "HELLO_REPLY"):
            frames.append(self.read())
        if any(f["sequence"] != sequence for f in frames):
            raise ValueError(f"the answer to {sequence} has other sequences: {frames}")
        return frames

    def ask(self, name, *attrs):
        """Makes a request that must succeed."""
        self.sequence += 1
        frames = self.exchange(frame(name, *attrs, sequence=self.sequence))
        if frames[-1].get("ERRNO"):
            raise Refused(frames[-1])
        return frames

    def generation(self):
        return self.ask("STATUS")[0]["GENERATION"]

    def table(self, table, part=ATTR_DATA_MAX):
        for offset in range(0, len(table), part):
            self.ask("TABLE", ("OFFSET", offset), ("DATA", table[offset:offset + part]))

    def load(self, name, module, flags=0, part=ATTR_DATA_MAX):
        """Has the kernel keep a WebAssembly module under a name."""
        self.ask("WASM_BEGIN", ("NAME", name), ("SIZE", len(module)), ("FLAGS", flags))
        for offset in range(0, len(module), part):
            self.ask("WASM_CHUNK", ("OFFSET", offset), ("DATA", module[offset:offset + part]))
        self.ask("WASM_COMMIT")

    def push(self, table, anchors=(), identities=(), settings=(), filters=(), upstreams=(), commit=()):
        """A whole push; identities are (name, spiffe id, chain, key), filters and upstreams the attributes of their
        frames. Returns the new generation."""
        self.ask("BEGIN")
        for anchor in anchors:
            self.ask("ANCHOR", ("CERT", anchor))
        for name, spiffe_id, chain, key in identities:
            self.ask("IDENTITY", ("NAME", name), ("SPIFFE_ID", spiffe_id), *(("CERT", cert) for cert in chain),
                     ("KEY", key))
        self.table(table)
        self.ask("SETTINGS", *settings)
        for attributes in upstreams:
            self.ask("UPSTREAM", *attributes)
        for attributes in filters:
            self.ask("FILTER", *attributes)
        return self.ask("COMMIT", *commit)[-1]["GENERATION"]


class Rule:
    """A rule of a decision table."""

    def __init__(self, name, direction=INBOUND, action=OFF, ports=((8000, 8000),), identity=None, server_name=None,
                 peers=(), cgroups=(), on_tls=ON_TLS_REFUSE, netns=(), filters=()):
        self.name, self.direction, self.action, self.ports = name, direction, action, ports
        self.identity, self.server_name, self.peers, self.cgroups = identity, server_name, peers, cgroups
        self.on_tls, self.netns, self.filters = on_tls, netns, filters


def _spans(rules, direction):
    """The stretches between the edges of all port ranges, with the rules that cover each."""
    edges = sorted({edge for rule in rules if rule.direction == direction
                    for low, high in rule.ports for edge in (low, high + 1)})
    for low, end in zip(edges, edges[1:]):
        covering = [i for i, rule in enumerate(rules) if rule.direction == direction
                    and any(a <= low and end - 1 <= b for a, b in rule.ports)]
        if covering:
            yield low, end - 1, covering


def table(rules):
    """The decision table of some rules, in the order of precedence."""
    strings, references = bytearray(), {}

    def reference(string):
        if string is None:
            return 0xFFFFFFFF
        if string not in references:
            references[string] = len(strings)
            strings.extend(string.encode() + b"\0")
        return references[string]

    for rule in rules:
        reference(rule.name)
    records, ports, refs, spans, candidates, numbers = [], [], [], [], [], []
    for rule in rules:
        # The reference of the identity comes first.
        names = [reference(rule.identity), reference(rule.server_name)]
        peers = [reference(peer) for peer in rule.peers]
        filters = [reference(name) for name in rule.filters]
        records.append(struct.pack(
            "<IBBBBII18I", reference(rule.name), rule.direction, rule.action, rule.on_tls, 0, *names, len(ports), len(rule.ports), *(0,) * 8,
            len(numbers) if rule.cgroups else 0, len(rule.cgroups),
            len(numbers) + len(rule.cgroups) if rule.netns else 0, len(rule.netns),
            len(refs) if peers else 0, len(peers), len(refs) + len(peers) if filters else 0, len(filters)))
        numbers += [struct.pack("<Q", number) for number in (*rule.cgroups, *rule.netns)]
        ports += [struct.pack("<II", *span) for span in rule.ports]
        refs += [struct.pack("<I", string) for string in (*peers, *filters)]
    inbound = 0
    for direction in (INBOUND, OUTBOUND):
        for low, high, covering in _spans(rules, direction):
            spans.append(struct.pack("<IIII", low, high, len(candidates), len(covering)))
            candidates += [struct.pack("<I", rule) for rule in covering]
            inbound += direction == INBOUND
    return _layout([records, spans, candidates, ports, [], [], numbers, refs, bytes(strings)], inbound)


def _layout(sections, inbound):
    header_length = 16 + 8 * len(sections)
    body, directory = bytearray(), b""
    for section in sections:
        body.extend(bytes(-(header_length + len(body)) % 8))
        directory += struct.pack("<II", header_length + len(body), len(section))
        body.extend(section if isinstance(section, bytes) else b"".join(section))
    return struct.pack("<IHHII", 0x544B4248, 2, header_length, header_length + len(body), inbound) + directory + body
