#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what must be refused to /dev/hauberk, and sees that each gets its error and changes nothing.

A case is a request and the errno, the item and a part of the text that the answer must have. After each, the
generation must be what it was; after those inside a transaction, the transaction must still commit as it was.
Prints TAP. Runs as root in the lab's guest, with the module loaded.
"""

import errno
import os
import struct
import sys

from device_pki import EC_384, EC_521, RSA_1024, RSA_2048, Pki
from device_tap import Tap
from hbk_device import (DENY, FRAME_MAX, FRAMES, ON_TLS_PASSTHROUGH, OUTBOUND, PERMISSIVE, STRICT, Device, Refused,
                        Rule, attr, frame, raw_attr, raw_frame, table)

WEB = "spiffe://example.org/web"
TABLE_MAX = 4194304
WASM_UPLOAD_MAX = 16777216


def misfit(reply, number, item, text):
    """What is wrong with an answer, or None."""
    if reply["frame"] != "REPLY":
        return f"answered by {reply}"
    if reply["ERRNO"] != number or reply.get("ITEM") != item or text not in reply["TEXT"]:
        return f"expected {errno.errorcode[number]} of {item!r} with {text!r}, got {reply}"
    return None


def hello(*attrs):
    return raw_frame(FRAMES["HELLO"], b"".join(attrs))


def u32(name, value):
    return attr(name, value)


# --- write(2) itself fails: nothing is answered ----------------------------------------------------------------------

def unframed():
    good = frame("STATUS")
    return [
        ("a write of no bytes", b"", errno.EBADMSG),
        ("a write of one byte", b"\0", errno.EBADMSG),
        ("a header that lacks a byte", good[:15], errno.EBADMSG),
        ("a length of zero", struct.pack("<I", 0) + good[4:], errno.EBADMSG),
        ("a length below the header's", struct.pack("<I", 12) + good[4:], errno.EBADMSG),
        ("a length below the write's", struct.pack("<I", 16) + good[4:] + bytes(4), errno.EBADMSG),
        ("a length above the write's", struct.pack("<I", 20) + good[4:], errno.EBADMSG),
        ("a length of 4 GiB", struct.pack("<I", 0xFFFFFFFF) + good[4:], errno.EBADMSG),
        ("two frames in one write", good + good, errno.EBADMSG),
        ("a write above the limit", raw_frame(FRAMES["TABLE"], bytes(FRAME_MAX)), errno.EMSGSIZE),
    ]


# --- before HELLO ----------------------------------------------------------------------------------------------------

def before_hello():
    first = "the first request must be HELLO"
    both = u32("VERSION_MIN", 1) + u32("VERSION_MAX", 1)
    cases = [(f"{name} before HELLO", raw_frame(FRAMES[name]), errno.EPROTO, "frame", first)
             for name in ("BEGIN", "TABLE", "COMMIT", "STATUS", "CONNECTIONS", "FOLLOW")]
    cases += [
        ("type 0 before HELLO", raw_frame(0), errno.EPROTO, "frame", first),
        ("HELLO without a version", hello(), errno.ENODATA, "attribute VERSION_MIN", "must have"),
        ("HELLO without VERSION_MAX", hello(u32("VERSION_MIN", 1)), errno.ENODATA, "attribute VERSION_MAX",
         "must have"),
        ("HELLO of future versions", hello(u32("VERSION_MIN", 2), u32("VERSION_MAX", 9)), errno.EPROTONOSUPPORT,
         "attribute VERSION_MAX", "the module speaks version 1, not 2 to 9"),
        ("HELLO of version 0", hello(u32("VERSION_MIN", 0), u32("VERSION_MAX", 0)), errno.ERANGE,
         "attribute VERSION_MIN", "must be 1 to"),
        ("HELLO of versions upside down", hello(u32("VERSION_MIN", 3), u32("VERSION_MAX", 1)), errno.ERANGE,
         "attribute VERSION_MAX", "less than VERSION_MIN"),
        ("a version of two bytes", hello(raw_attr(5, b"\1\0"), u32("VERSION_MAX", 1)), errno.EINVAL,
         "attribute VERSION_MIN", "it must be 4"),
        ("a label with a NUL", hello(both, raw_attr(11, b"a\0b")), errno.EINVAL, "attribute LABEL", "without NUL"),
        ("a label that is not UTF-8", hello(both, raw_attr(11, b"\xc3\x28")), errno.EINVAL, "attribute LABEL",
         "UTF-8"),
        ("a label of 256 bytes", hello(both, raw_attr(11, b"x" * 256)), errno.E2BIG, "attribute LABEL",
         "at most 255"),
    ]
    return cases


# --- after HELLO, no transaction -------------------------------------------------------------------------------------

def outside():
    status, follow = FRAMES["STATUS"], FRAMES["FOLLOW"]
    cases = [(f"{name} outside a transaction", data, errno.ENOENT, "transaction", "BEGIN comes first")
             for name, data in (
                 ("ANCHOR", frame("ANCHOR", ("CERT", b"\0"))),
                 ("IDENTITY", frame("IDENTITY", ("NAME", "web"), ("SPIFFE_ID", WEB), ("CERT", b"\0"), ("KEY", b"\0"))),
                 ("TABLE", frame("TABLE", ("OFFSET", 0), ("DATA", b"\0"))),
                 ("SETTINGS", frame("SETTINGS")), ("COMMIT", frame("COMMIT")), ("ABORT", frame("ABORT")))]
    cases += [
        ("HELLO a second time", frame("HELLO", ("VERSION_MIN", 1), ("VERSION_MAX", 1)), errno.EALREADY,
         "frame HELLO", "already"),
        ("type 0", raw_frame(0), errno.EOPNOTSUPP, "frame type 0", "no such request"),
        ("type 26", raw_frame(26), errno.EOPNOTSUPP, "frame type 26", "no such request"),
        ("a reply's type", raw_frame(FRAMES["REPLY"]), errno.EOPNOTSUPP, "frame type 32768", "no such request"),
        ("an event's type", raw_frame(FRAMES["EVENT_LOST"]), errno.EOPNOTSUPP, "frame type 49156", "no such request"),
        ("type 65535", raw_frame(65535), errno.EOPNOTSUPP, "frame type 65535", "no such request"),
        ("the first reserved field", raw_frame(status, reserved=1), errno.EINVAL, "frame", "reserved"),
        ("the second reserved field", raw_frame(status, reserved2=1), errno.EINVAL, "frame", "reserved"),
        ("trailing bytes", raw_frame(status, bytes(3)), errno.EINVAL, "frame", "trail"),
        ("attribute 0", raw_frame(status, raw_attr(0, b"")), errno.EINVAL, "attribute 0", "no such attribute"),
        ("attribute 109", raw_frame(status, raw_attr(109, b"")), errno.EINVAL, "attribute 109", "no such attribute"),
        ("attribute 65535", raw_frame(status, raw_attr(65535, b"")), errno.EINVAL, "attribute 65535",
         "no such attribute"),
        ("an attribute of another request", raw_frame(status, attr("LABEL", "x")), errno.EINVAL, "attribute LABEL",
         "STATUS requests have no such attribute"),
        ("an attribute of a reply", raw_frame(status, attr("ERRNO", 0)), errno.EINVAL, "attribute ERRNO",
         "no such attribute"),
        ("an attribute's length of 0", raw_frame(follow, struct.pack("<HH", 0, 20)), errno.EINVAL,
         "attribute REPLAY", "less than its header"),
        ("an attribute's length of 3", raw_frame(follow, struct.pack("<HH", 3, 20)), errno.EINVAL,
         "attribute REPLAY", "less than its header"),
        ("an attribute past the frame's end", raw_frame(follow, struct.pack("<HHI", 12, 20, 0)), errno.EINVAL,
         "attribute REPLAY", "past the frame's end"),
        ("an attribute of 65535 bytes in 20", raw_frame(follow, struct.pack("<HHI", 65535, 20, 0)), errno.EINVAL,
         "attribute REPLAY", "past the frame's end"),
        ("padding that is not zero", hello(struct.pack("<HHI", 5, 11, 0x100)), errno.EINVAL, "attribute LABEL",
         "padding"),
        ("an attribute twice", frame("FOLLOW", ("REPLAY", 1), ("REPLAY", 1)), errno.EEXIST, "attribute REPLAY",
         "twice"),
        ("a u32 of eight bytes", raw_frame(follow, raw_attr(20, bytes(8))), errno.EINVAL, "attribute REPLAY",
         "must be 4"),
        ("a u32 of no bytes", raw_frame(follow, raw_attr(20, b"")), errno.EINVAL, "attribute REPLAY", "must be 4"),
        ("a u64 of four bytes", raw_frame(FRAMES["COMMIT"], raw_attr(10, bytes(4))), errno.EINVAL,
         "attribute EXPECT_GENERATION", "must be 8"),
    ]
    return cases


# --- inside a transaction --------------------------------------------------------------------------------------------

def identity(pki, name="web", cert=None, key=None, spiffe_id=WEB, chain=(), label="second"):
    """An IDENTITY request: the certificate and key called name unless others are given."""
    return frame("IDENTITY", ("NAME", label), ("SPIFFE_ID", spiffe_id), ("CERT", cert or pki.cert(name)),
                 *(("CERT", link) for link in chain), ("KEY", key or pki.key(name)))


def settings(number, value):
    return raw_frame(FRAMES["SETTINGS"], raw_attr(number, struct.pack("<I", value)))


def anchors(pki):
    ca = pki.cert("ca")
    item = "anchor 1"
    return [
        ("ANCHOR without CERT", frame("ANCHOR"), errno.ENODATA, "attribute CERT", "must have"),
        ("two anchors in one request", frame("ANCHOR", ("CERT", ca), ("CERT", ca)), errno.EEXIST, "attribute CERT",
         "twice"),
        ("an empty anchor", frame("ANCHOR", ("CERT", b"")), errno.EINVAL, "attribute CERT", "empty"),
        ("an anchor above the limit", frame("ANCHOR", ("CERT", bytes(16385))), errno.E2BIG, "attribute CERT",
         "at most 16384"),
        ("an anchor of garbage", frame("ANCHOR", ("CERT", bytes(range(200)))), errno.EBADMSG, item, "decoded"),
        ("an anchor cut short", frame("ANCHOR", ("CERT", ca[:-1])), errno.EBADMSG, item, "decoded"),
        ("an anchor with a byte more", frame("ANCHOR", ("CERT", ca + b"\0")), errno.EBADMSG, item, "decoded"),
        ("an anchor that is a leaf", frame("ANCHOR", ("CERT", pki.cert("web"))), errno.EINVAL, item, "not a CA's"),
        ("an anchor with name constraints", frame("ANCHOR", ("CERT", pki.cert("constrained"))), errno.EOPNOTSUPP,
         item, "name constraints"),
        ("an anchor of RSA 1024", frame("ANCHOR", ("CERT", pki.cert("small"))), errno.EOPNOTSUPP, item,
         "RSA 2048 to 4096"),
        ("an anchor of P-521", frame("ANCHOR", ("CERT", pki.cert("p521"))), errno.EOPNOTSUPP, item, "EC P-256"),
        ("an anchor twice", frame("ANCHOR", ("CERT", ca)), errno.EEXIST, item, "already"),
    ]


def identities(pki):
    web, key = pki.cert("web"), pki.key("web")
    item = "identity second"
    name, spiffe, cert, private = ("NAME", "second"), ("SPIFFE_ID", WEB), ("CERT", web), ("KEY", key)
    return [
        ("IDENTITY without NAME", frame("IDENTITY", spiffe, cert, private), errno.ENODATA, "attribute NAME",
         "must have"),
        ("IDENTITY without SPIFFE_ID", frame("IDENTITY", name, cert, private), errno.ENODATA, "attribute SPIFFE_ID",
         "must have"),
        ("IDENTITY without CERT", frame("IDENTITY", name, spiffe, private), errno.ENODATA, "attribute CERT",
         "must have"),
        ("IDENTITY without KEY", frame("IDENTITY", name, spiffe, cert), errno.ENODATA, "attribute KEY", "must have"),
        ("an empty name", identity(pki, label=""), errno.EINVAL, "attribute NAME", "empty"),
        ("a name of 64 bytes", identity(pki, label="x" * 64), errno.E2BIG, "attribute NAME", "at most 63"),
        ("a name with a blank", identity(pki, label="a b"), errno.EINVAL, "attribute NAME", "letters"),
        ("a name that begins with a dot", identity(pki, label=".a"), errno.EINVAL, "attribute NAME", "begins"),
        ("a SPIFFE id without a path", identity(pki, spiffe_id="spiffe://example.org"), errno.EINVAL,
         "attribute SPIFFE_ID", "SPIFFE id"),
        ("an https id", identity(pki, spiffe_id="https://example.org/web"), errno.EINVAL, "attribute SPIFFE_ID",
         "SPIFFE id"),
        ("a SPIFFE id of 2049 bytes", identity(pki, spiffe_id=WEB.ljust(2049, "x")), errno.E2BIG,
         "attribute SPIFFE_ID", "at most 2048"),
        ("nine certificates", identity(pki, chain=[pki.cert("ca")] * 8), errno.E2BIG, "attribute CERT", "more than 8"),
        ("a key above the limit", identity(pki, key=bytes(4097)), errno.E2BIG, "attribute KEY", "at most 4096"),
        ("another SPIFFE id than the leaf's", identity(pki, spiffe_id=WEB + "x"), errno.EINVAL, item,
         "not the identity's SPIFFE id"),
        ("a leaf without a URI", identity(pki, "nouri"), errno.EINVAL, item, "has 0 URI names"),
        ("a leaf with two URIs", identity(pki, "twouris"), errno.EINVAL, item, "has 2 URI names"),
        ("a leaf that is a CA", identity(pki, "caleaf"), errno.EINVAL, item, "bad-usage"),
        ("a leaf of garbage", identity(pki, cert=bytes(64)), errno.EBADMSG, item, "malformed"),
        ("a leaf cut short", identity(pki, cert=web[:-1]), errno.EBADMSG, item, "malformed"),
        ("a leaf of P-521", identity(pki, "leaf521"), errno.EOPNOTSUPP, item, "EC P-256"),
        ("a chain of garbage", identity(pki, chain=[bytes(64)]), errno.EBADMSG, "identity second, certificate 1",
         "decoded"),
        ("a chain with a second leaf", identity(pki, chain=[web]), errno.EINVAL, "identity second, certificate 1",
         "not a CA's"),
        ("a key of garbage", identity(pki, key=bytes(121)), errno.EBADMSG, item, "private key"),
        ("a key cut short", identity(pki, key=key[:-1]), errno.EBADMSG, item, "private key"),
        ("a key with a byte more", identity(pki, key=key + b"\0"), errno.EBADMSG, item, "private key"),
        ("a key that is a certificate", identity(pki, key=web), errno.EBADMSG, item, "private key"),
        ("an EC key longer than BearSSL's buffer", identity(pki, key=long_ec_key(1560)), errno.EKEYREJECTED, item,
         "does not belong"),
        ("an EC key too long for BearSSL", identity(pki, key=long_ec_key(1561)), errno.EBADMSG, item, "private key"),
        ("an EC key of zero", identity(pki, key=long_ec_key(32)), errno.EKEYREJECTED, item, "does not belong"),
        ("the key of another leaf", identity(pki, key=pki.key("other")), errno.EKEYREJECTED, item, "does not belong"),
        ("a key of another curve", identity(pki, key=pki.key("leaf384")), errno.EKEYREJECTED, item, "does not belong"),
        ("an RSA key for an EC leaf", identity(pki, key=pki.key("rsa")), errno.EKEYREJECTED, item, "does not belong"),
        ("an RSA key that lacks its factors' truth", identity(pki, "rsa", key=broken_rsa_key(pki)),
         errno.EKEYREJECTED, item, "does not belong"),
        ("an identity's name twice", identity(pki, label="web"), errno.EEXIST, "identity web", "already"),
    ]


def long_ec_key(length):
    """A SEC 1 key on P-256 whose private value has so many bytes, all of them zero."""
    def element(tag, content):
        size = len(content)
        head = bytes([size]) if size < 128 else b"\x82" + struct.pack(">H", size)
        return bytes([tag]) + head + content
    curve = element(0xA0, element(6, bytes.fromhex("2a8648ce3d030107")))
    return element(0x30, element(2, b"\1") + element(4, bytes(length)) + curve)


def broken_rsa_key(pki):
    """The RSA leaf's PKCS#1 key with a bit of its last integer, the CRT coefficient, turned."""
    key = bytearray(pki.traditional_key("rsa"))
    key[-8] ^= 1
    return bytes(key)


def parts(_pki):
    part = frame("TABLE", ("OFFSET", 8), ("DATA", b"\0"))
    return [
        ("TABLE without OFFSET", frame("TABLE", ("DATA", b"\0")), errno.ENODATA, "attribute OFFSET", "must have"),
        ("TABLE without DATA", frame("TABLE", ("OFFSET", 0)), errno.ENODATA, "attribute DATA", "must have"),
        ("an empty part", frame("TABLE", ("OFFSET", 0), ("DATA", b"")), errno.EINVAL, "attribute DATA", "empty"),
        ("a part with a gap before it", part, errno.EINVAL, "attribute OFFSET",
         "begins at 8, but the next one is due at 0"),
        ("an offset of 16 MiB", frame("TABLE", ("OFFSET", WASM_UPLOAD_MAX), ("DATA", b"\0")), errno.ERANGE,
         "attribute OFFSET", "must be 0 to 16777215"),
        ("a timeout of 99 ms", settings(18, 99), errno.ERANGE, "attribute HANDSHAKE_TIMEOUT_MS", "100 to 600000"),
        ("a timeout above ten minutes", settings(18, 600001), errno.ERANGE, "attribute HANDSHAKE_TIMEOUT_MS",
         "100 to 600000"),
        ("no handshake at all", settings(19, 0), errno.ERANGE, "attribute HANDSHAKE_MAX", "1 to 65536"),
        ("too many handshakes", settings(19, 65537), errno.ERANGE, "attribute HANDSHAKE_MAX", "1 to 65536"),
        ("too many handshakes a second", settings(57, 1000001), errno.ERANGE, "attribute HANDSHAKE_RATE",
         "0 to 1000000"),
        ("too many sessions", settings(58, 1048577), errno.ERANGE, "attribute SESSION_MAX", "0 to 1048576"),
        ("a record layer of four bytes", settings(59, 0), errno.EINVAL, "attribute RECORD_LAYER", "must be 1"),
        ("a record layer that is none", frame("SETTINGS", ("RECORD_LAYER", 2)), errno.ERANGE,
         "attribute RECORD_LAYER", "0 to 1"),
        ("BEGIN in a transaction", frame("BEGIN"), errno.EBUSY, "transaction", "open already"),
        ("COMMIT without a table", frame("COMMIT"), errno.ENODATA, "table", "no decision table"),
        ("COMMIT with a label of 256 bytes", frame("COMMIT", ("LABEL", "x" * 256)), errno.E2BIG, "attribute LABEL",
         "at most 255"),
        ("ABORT with an attribute", frame("ABORT", ("LABEL", "x")), errno.EINVAL, "attribute LABEL",
         "no such attribute"),
    ]


# --- whole pushes that COMMIT refuses --------------------------------------------------------------------------------

STRICT_IN = {"action": STRICT, "identity": "web", "peers": ["spiffe://example.org/*"]}
PERMISSIVE_IN = {**STRICT_IN, "action": PERMISSIVE}


def patched(good, offset, replacement):
    return good[:offset] + replacement + good[offset + len(replacement):]


def tables():
    """Cases of a table, and whether the push has an anchor."""
    good = table([Rule("web-in", **STRICT_IN)])
    rules = 88
    web = "rule 0 (web-in)"
    rule = [Rule("web-in")]
    return [
        ("a table of one byte", b"\0", True, errno.EINVAL, "table", "shorter than its header"),
        ("another magic number", patched(good, 0, b"XXXX"), True, errno.EINVAL, "table", "magic number"),
        ("another table version", patched(good, 4, b"\3"), True, errno.EINVAL, "table", "version"),
        ("another header length", patched(good, 6, b"\x50"), True, errno.EINVAL, "table", "header's length"),
        ("a table that lacks its end", good[:-1], True, errno.EINVAL, "table", "as long as its header says"),
        ("a table with more", good + bytes(8), True, errno.EINVAL, "table", "as long as its header says"),
        ("a section out of place", patched(good, 16, struct.pack("<I", 96)), True, errno.EINVAL, "section rules",
         "must begin at 88"),
        ("a section without end", patched(good, 20, struct.pack("<I", 0xFFFFFFFF)), True, errno.EINVAL,
         "section rules", "past the table's end"),
        ("more inbound spans than spans", patched(good, 12, struct.pack("<I", 2)), True, errno.EINVAL,
         "section spans", "2 inbound spans of 1"),
        ("strings without an end", patched(good, len(good) - 1, b"x"), True, errno.EINVAL, "section strings", "NUL"),
        ("a rule's name out of the strings", patched(good, rules, struct.pack("<I", 4096)), True, errno.EINVAL,
         "rule 0", "the name is not valid"),
        ("a direction of 3", patched(good, rules + 4, b"\3"), True, errno.EINVAL, web, "direction is 3"),
        ("an action of 0", patched(good, rules + 5, b"\0"), True, errno.EINVAL, web, "action is 0"),
        ("an action of 5", patched(good, rules + 5, b"\5"), True, errno.EINVAL, web, "action is 5"),
        ("a way with own TLS that is none", patched(good, rules + 6, b"\2"), True, errno.EINVAL, web, "own TLS is 2"),
        ("a rule's reserved field", patched(good, rules + 7, b"\1"), True, errno.EINVAL, web, "reserved"),
        ("a rule without ports", patched(good, rules + 20, bytes(4)), True, errno.EINVAL, web, "must have ports"),
        ("port 0", table([Rule("web-in", ports=((0, 8),))]), True, errno.EINVAL, web, "1 to 65535"),
        ("ports upside down", patched(table(rule), 200, struct.pack("<II", 9, 8)), True, errno.EINVAL, web,
         "ascending"),
        ("two rules of one name", patched(table([Rule("a"), Rule("b", OUTBOUND)]), rules + 88, bytes(4)), True,
         errno.EINVAL, "rule 1 (a)", "not above"),
        ("a strict rule without an identity", table([Rule("web-in", **{**STRICT_IN, "identity": None})]), True,
         errno.EINVAL, web, "must have an identity"),
        ("a strict rule without peers", table([Rule("web-in", **{**STRICT_IN, "peers": ()})]), True, errno.EINVAL,
         web, "must allow peers"),
        ("an identity on a deny rule", table([Rule("web-in", action=DENY, identity="web")]), True, errno.EINVAL, web,
         "only a strict or permissive rule"),
        ("passthrough on a deny rule", table([Rule("web-in", action=DENY, on_tls=ON_TLS_PASSTHROUGH)]), True,
         errno.EINVAL, web, "passes an application's own TLS"),
        ("a permissive rule outbound", table([Rule("web-in", OUTBOUND, **PERMISSIVE_IN)]), True, errno.EINVAL, web,
         "only an inbound rule"),
        ("a permissive rule without an identity", table([Rule("web-in", **{**PERMISSIVE_IN, "identity": None})]),
         True, errno.EINVAL, web, "must have an identity"),
        ("a permissive rule without peers", table([Rule("web-in", **{**PERMISSIVE_IN, "peers": ()})]), True,
         errno.EINVAL, web, "must allow peers"),
        ("a permissive rule whose identity nobody pushed",
         table([Rule("web-in", **{**PERMISSIVE_IN, "identity": "nobody"})]), True, errno.ENOENT, web,
         "no identity nobody"),
        ("a permissive rule without a trust bundle", table([Rule("web-in", **PERMISSIVE_IN)]), False, errno.ENODATA,
         web, "no trust anchor"),
        ("a peer pattern that is none", table([Rule("web-in", **{**STRICT_IN, "peers": ["*"]})]), True,
         errno.EINVAL, web, "not a valid pattern"),
        ("a server name on an inbound rule", table([Rule("web-in", server_name="a.b", **STRICT_IN)]), True,
         errno.EINVAL, web, "outbound"),
        ("a rule on no span", patched(table([Rule("web-in", ports=((8000, 8001),))]), 176,
                                      struct.pack("<II", 8000, 8000)), True, errno.EINVAL, "section spans",
         "missing on some of its ports"),
        ("an identity that nobody pushed", table([Rule("web-in", **{**STRICT_IN, "identity": "nobody"})]), True,
         errno.ENOENT, web, "no identity nobody"),
        ("a strict rule without a trust bundle", good, False, errno.ENODATA, web, "no trust anchor"),
    ]


# --- the runs --------------------------------------------------------------------------------------------------------

class Run:
    """The cases against the device, watched by a second opener."""

    def __init__(self, tap, pki):
        self.tap, self.pki = tap, pki
        self.watch = Device()
        self.generation = self.watch.generation()

    def settle(self, name, problem):
        generation = self.watch.generation()
        if problem is None and generation != self.generation:
            problem = f"the generation went from {self.generation} to {generation}"
        self.generation = generation
        self.tap.check(name, problem)

    def unframed(self):
        with Device() as device:
            for name, data, number in unframed():
                problem = None
                try:
                    device.write(data)
                    problem = "the write succeeded"
                except OSError as error:
                    if error.errno != number:
                        problem = f"expected {errno.errorcode[number]}, got {error}"
                if problem is None and device.readable():
                    problem = f"answered by {device.read()}"
                self.settle(f"{name}: {errno.errorcode[number]}", problem)

    def cases(self, device, cases):
        for name, data, number, item, text in cases:
            problem = misfit(device.exchange(data)[-1], number, item, text)
            self.settle(f"{name}: {errno.errorcode[number]}", problem)

    def before_hello(self):
        with Device(hello=False) as device:
            self.cases(device, before_hello())
            answer = device.exchange(frame("HELLO", ("VERSION_MIN", 1), ("VERSION_MAX", 7)))
            self.settle("HELLO still works after them", None if answer[0]["frame"] == "HELLO_REPLY" else answer)

    def outside(self):
        with Device() as device:
            self.cases(device, outside())

    def begin(self, device, anchor=True):
        device.ask("BEGIN")
        if anchor:
            device.ask("ANCHOR", ("CERT", self.pki.cert("ca")))
        self.add_identity(device, "web")

    def add_identity(self, device, label):
        outcome = device.exchange(identity(self.pki, label=label))[-1]
        if outcome["ERRNO"]:
            raise Refused(outcome)

    def inside(self):
        with Device() as device:
            self.begin(device)
            for cases in (anchors, identities, parts):
                self.cases(device, cases(self.pki))
            good = table([Rule("web-in", **STRICT_IN)])
            device.table(good)
            self.cases(device, [
                ("a part that repeats the first", frame("TABLE", ("OFFSET", 0), ("DATA", good)), errno.EINVAL,
                 "attribute OFFSET", f"the next one is due at {len(good)}"),
                ("COMMIT on another generation", frame("COMMIT", ("EXPECT_GENERATION", self.generation + 1)),
                 errno.ESTALE, "attribute EXPECT_GENERATION", "another push came first"),
            ])
            self.commit(device, 1, 1)

    def commit(self, device, anchor_count, identity_count):
        """What is left of the transaction must be what was good in it."""
        device.ask("COMMIT", ("EXPECT_GENERATION", self.generation))
        frames = device.ask("STATUS")
        names = [f["NAME"] for f in frames if f["frame"] == "IDENTITY_STATUS"]
        problem = None
        if frames[0]["GENERATION"] != self.generation + 1:
            problem = f"not the next generation: {frames[0]}"
        elif frames[0]["ANCHORS"] != anchor_count or len(names) != identity_count:
            problem = f"what was refused is there: {frames[0]}, {names}"
        self.generation = frames[0]["GENERATION"]
        self.settle("the transaction commits as it was", problem)

    def tables(self):
        for name, data, anchor, number, item, text in tables():
            with Device() as device:
                self.begin(device, anchor)
                device.table(data)
                self.cases(device, [(name, frame("COMMIT"), number, item, text)])

    def limits(self):
        """One more than a transaction may hold."""
        with Device() as device:
            device.ask("BEGIN")
            ca = self.pki.cert("ca")
            for i in range(64):
                device.ask("ANCHOR", ("CERT", ca.replace(b"\x02ca", b"\x02%c%c" % (65 + i // 8, 65 + i % 8))))
            for i in range(1024):
                self.add_identity(device, f"identity-{i}")
            part = bytes(65528)
            for offset in range(0, TABLE_MAX - len(part), len(part)):
                device.ask("TABLE", ("OFFSET", offset), ("DATA", part))
            due = offset + len(part)
            self.cases(device, [
                ("a 65th anchor", frame("ANCHOR", ("CERT", ca)), errno.ENOSPC, "anchor 64", "at most 64"),
                ("a 1025th identity", identity(self.pki, label="web"), errno.ENOSPC, "identity web", "at most 1024"),
                ("a table above 4 MiB", frame("TABLE", ("OFFSET", due), ("DATA", part)), errno.E2BIG, "table",
                 f"at most {TABLE_MAX}"),
            ])


def make_pki():
    pki = Pki()
    pki.ca("ca")
    pki.ca("constrained", "nameConstraints=permitted;DNS:example.org")
    pki.ca("small", algorithm=RSA_1024)
    pki.ca("p521", algorithm=EC_521)
    pki.leaf("web", f"URI:{WEB}")
    pki.leaf("other", f"URI:{WEB}")
    pki.leaf("nouri", "DNS:web.example.org")
    pki.leaf("twouris", f"URI:{WEB},URI:{WEB}2")
    pki.leaf("leaf384", f"URI:{WEB}", algorithm=EC_384)
    pki.leaf("leaf521", f"URI:{WEB}", algorithm=EC_521)
    pki.leaf("rsa", f"URI:{WEB}", algorithm=RSA_2048)
    pki.ca("caleaf", f"subjectAltName=URI:{WEB}")
    return pki


def main():
    if os.geteuid():
        sys.exit("device_frames: must run as root")
    tap = Tap()
    run = Run(tap, make_pki())
    run.unframed()
    run.before_hello()
    run.outside()
    run.inside()
    run.tables()
    run.limits()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
