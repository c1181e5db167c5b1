#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives the hostile guests to the kernel, and sees that what becomes of each is what the table says.

    hostile.py TABLE FOLDER

The table is kmod/core/wasm/tests/hostile/guests.tsv, whose guests are FOLDER/NAME.wasm; hostile.c there says how a line
is read. Each line gets the guest loaded anew. Prints TAP. Runs as root in the lab's guest, with the modules loaded.
"""

import errno
import os
import pathlib
import re
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from device_tap import Tap  # noqa: E402
from hbk_device import Device, Refused  # noqa: E402

CHUNK = 65000
MODULE_MAX = 16 << 20   # bytes
TYPES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
REFUSALS = {"malformed": errno.ENOEXEC, "invalid": errno.ENOEXEC, "unsupported": errno.EOPNOTSUPP,
            "over the limit": errno.E2BIG}
# User-mode Linux has a small stack: there these may end sooner than the count of calls does.
DEEP = {"recursion", "unreachable"}
EXHAUSTED = "trap call stack exhausted"


def values_of(call):
    """The arguments in "name(i32:1,f64:0x2)", as the device takes them."""
    pairs = re.findall(r"(\w+):(\w+)", call.partition("(")[2])
    return b"".join(struct.pack("<QB7x", int(bits, 0), TYPES[name]) for name, bits in pairs)


def results_of(values):
    pairs = struct.iter_unpack("<QB7x", values)
    return " ".join(["ok", *(f"{TYPE_NAMES[kind]}:{bits}" for bits, kind in pairs)])


def load(device, name, module):
    device.ask("WASM_BEGIN", ("NAME", name), ("SIZE", len(module)))
    try:
        for offset in range(0, len(module), CHUNK):
            device.ask("WASM_CHUNK", ("OFFSET", offset), ("DATA", module[offset:offset + CHUNK]))
        device.ask("WASM_COMMIT")
    except Refused:
        device.ask("WASM_ABORT")
        raise


def run(device, name, call, fuel):
    """What becomes of a call."""
    frames = device.ask("WASM_RUN", ("NAME", name), ("EXPORT", call.partition("(")[0].encode()),
                        ("VALUES", values_of(call)), ("BUDGET", fuel))
    result = frames[0]
    if result["INSTRUCTIONS"] > fuel:
        return f"{result['INSTRUCTIONS']} instructions were charged of {fuel}"
    return f"trap {result['TRAP']}" if "TRAP" in result else results_of(result["VALUES"])


def started(refused):
    """A trap of the start function, or of a segment, is told as the reason why there is no instance."""
    told = re.search(r"its start was stopped: (.*)", refused.text)
    return f"trap {told[1]}" if told else f"refused: {refused}"


def refusal_misfit(refused, expected):
    kind, _, text = expected.removeprefix("refused ").partition(": ")
    if refused.errno != REFUSALS[kind] or text not in refused.text:
        return f"expected {expected}, got {refused}"
    return None


def unlinkable_misfit(refused, expected):
    missing = [name for name in expected.split()[1:] if name not in refused.text]
    if refused.errno != errno.ENOENT or missing:
        return f"expected {expected}, got {refused}"
    return None


def load_misfit(refused, expected):
    if expected.startswith("unlinkable "):
        return unlinkable_misfit(refused, expected)
    if expected.startswith("refused "):
        return refusal_misfit(refused, expected)
    return f"expected {expected}, got {refused}"


def call_misfit(device, guest, call, fuel, expected, shallow):
    try:
        outcome = run(device, guest, call, fuel)
    except Refused as refused:
        outcome = started(refused)
    if outcome == expected or (shallow and guest in DEEP and outcome == EXHAUSTED):
        return None
    return f"expected {expected}, got {outcome}"


def misfit(device, module, line, shallow):
    guest, call, fuel, expected = line
    if not 0 < len(module) <= MODULE_MAX:
        # Nobody need send what is too large, or nothing: its size is enough.
        try:
            device.ask("WASM_BEGIN", ("NAME", guest), ("SIZE", len(module)))
        except Refused:
            return None
        return f"a module of {len(module)} bytes was begun"
    try:
        load(device, guest, module)
    except Refused as refused:
        return load_misfit(refused, expected)
    try:
        if call == "-":
            return f"expected {expected}, and it was loaded"
        return call_misfit(device, guest, call, int(fuel), expected, shallow)
    finally:
        device.ask("WASM_UNLOAD", ("NAME", guest))


def lines_of(table):
    """The lines of the table, without those that the device has no words for: a call with no budget at all."""
    lines = [line.split("\t") for line in table.read_text().splitlines() if not line.startswith("#")]
    return [line for line in lines if line[1] == "-" or int(line[2]) > 0]


def main(table, folder):
    tap = Tap()
    shallow = "debug" in os.uname().release
    with Device() as device:
        for line in lines_of(pathlib.Path(table)):
            module = (pathlib.Path(folder) / f"{line[0]}.wasm").read_bytes()
            tap.check(" ".join(line[:3]), misfit(device, module, line, shallow))
        left = [f["NAME"] for f in device.ask("WASM_LIST") if f["frame"] == "WASM_GUEST"]
        tap.check("no guest is left", f"{left} are" if left else None)
    return tap.finish()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
