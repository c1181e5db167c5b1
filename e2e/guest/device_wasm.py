#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WebAssembly guests through the device: uploads, listings, calls, traps, and what is refused. Prints TAP.

With "compiled" as its argument the kernel modules that were made of them must have been loaded before.
The modules are those of modules/*.wat.
"""

import errno
import os
import signal
import struct
import sys
import time

from device_tap import Tap
from hbk_device import ATTR_DATA_MAX, Device, Refused, frame

HERE = os.path.dirname(os.path.abspath(__file__))
I32, I64, F32, F64, FUNCREF, EXTERNREF = 0x7F, 0x7E, 0x7D, 0x7C, 0x70, 0x6F
OWNED, NO_FLOATS, INTERPRET = 1, 2, 4
FUNCTION, TABLE, MEMORY, GLOBAL = range(4)
TRAPS_MAX = 16  # of the module's parameter trap_max

tap = Tap()


def module(name):
    with open(f"{HERE}/modules/{name}.wasm", "rb") as file:
        return file.read()


def value(kind, number):
    formats = {I32: "<i4x", I64: "<q", F32: "<f4x", F64: "<d"}
    return struct.pack(formats[kind], number) + bytes([kind]) + bytes(7)


def values(data):
    formats = {I32: "<i4x", I64: "<q", F32: "<f4x", F64: "<d", FUNCREF: "<Q", EXTERNREF: "<Q"}
    return [struct.unpack(formats[data[at + 8]], data[at:at + 8])[0] for at in range(0, len(data), 16)]


def load(device, name, data, flags=0):
    device.ask("WASM_BEGIN", ("NAME", name), ("SIZE", len(data)), ("FLAGS", flags))
    try:
        for offset in range(0, len(data), ATTR_DATA_MAX):
            device.ask("WASM_CHUNK", ("OFFSET", offset), ("DATA", data[offset:offset + ATTR_DATA_MAX]))
        device.ask("WASM_COMMIT")
    except Refused:
        device.ask("WASM_ABORT")
        raise


def run(device, name, export, *arguments, **attrs):
    """The WASM_RESULT of a call; arguments are pairs of a type and a number."""
    more = [(key, number) for key, number in attrs.items()]
    if arguments:
        more.append(("VALUES", b"".join(value(*pair) for pair in arguments)))
    return device.ask("WASM_RUN", ("NAME", name), ("EXPORT", export.encode()), *more)[0]


def results(device, name, export, *arguments, **attrs):
    result = run(device, name, export, *arguments, **attrs)
    return result["TRAP"] if "TRAP" in result else values(result["VALUES"])


def equal(name, found, wanted):
    tap.check(name, None if found == wanted else f"found {found!r}, wanted {wanted!r}")


def refused(name, action, code, text, item=None):
    """What action() must meet."""
    try:
        problem = f"it succeeded: {action()!r}"
    except Refused as refusal:
        good = refusal.errno == code and text in refusal.text and (item is None or refusal.item == item)
        problem = None if good else f"{refusal}; wanted {errno.errorcode[code]}, '{text}', {item}"
    tap.check(name, problem)


def uploads(device):
    begin = ("WASM_BEGIN", ("NAME", "part"), ("SIZE", 8))
    for request in (("WASM_CHUNK", ("OFFSET", 0), ("DATA", b"x")), ("WASM_COMMIT",), ("WASM_ABORT",)):
        refused(f"{request[0]} without WASM_BEGIN", lambda: device.ask(*request), errno.ENOENT, "comes first", "module")
    device.ask(*begin)
    refused("a second WASM_BEGIN", lambda: device.ask(*begin), errno.EBUSY, "under way", "module")
    device.ask("WASM_CHUNK", ("OFFSET", 0), ("DATA", b"\0asm"))
    refused("a gap", lambda: device.ask("WASM_CHUNK", ("OFFSET", 5), ("DATA", b"x")), errno.EINVAL, "due at 4",
            "attribute OFFSET")
    refused("more than its size", lambda: device.ask("WASM_CHUNK", ("OFFSET", 4), ("DATA", b"12345")), errno.E2BIG,
            "8 bytes", "attribute DATA")
    refused("less than its size", lambda: device.ask("WASM_COMMIT"), errno.ENODATA, "4 of the 8 bytes", "module")
    device.ask("WASM_CHUNK", ("OFFSET", 4), ("DATA", b"\2\0\0\0"))
    refused("a version that is none", lambda: device.ask("WASM_COMMIT"), errno.ENOEXEC, "version", "module part")
    device.ask("WASM_ABORT")
    with Device() as other:
        other.ask(*begin)
        other.ask("WASM_CHUNK", ("OFFSET", 0), ("DATA", b"\0asm"))
    equal("nothing of all this is there", device.ask("WASM_LIST")[:-1], [])


def bad_modules(device):
    good = module("test")
    refused("half a module", lambda: load(device, "half", good[:len(good) // 2]), errno.ENOEXEC, "", "module half")
    # The body of the first function, add: i32.add becomes i64.add.
    wrong = good.replace(b"\x20\x00\x20\x01\x6a\x0b", b"\x20\x00\x20\x01\x7c\x0b")
    device.ask("WASM_BEGIN", ("NAME", "wrong"), ("SIZE", len(wrong)))
    device.ask("WASM_CHUNK", ("OFFSET", 0), ("DATA", wrong))
    device.sequence += 1
    outcome = device.exchange(frame("WASM_COMMIT", sequence=device.sequence))[-1]
    device.ask("WASM_ABORT")
    equal("a type error is told with its function and byte",
          (outcome["ERRNO"], outcome["FUNCTION"], outcome["OFFSET"], "i64" in outcome["TEXT"]),
          (errno.ENOEXEC, 0, wrong.index(b"\x20\x01\x7c\x0b") + 2, True))
    for name in ("hauberk.no_such_thing", "nobody.knows", "nobody.remembers"):
        refused(f"unknown imports: {name} is among them", lambda: load(device, "unknown", module("unknown")),
                errno.ENOENT, name, "module unknown")
    refused("floats where they are forbidden", lambda: load(device, "floats", module("floats"), NO_FLOATS),
            errno.EOPNOTSUPP, "float", "module floats")
    equal("no bad module is there", device.ask("WASM_LIST")[:-1], [])


def listings(device):
    data = module("test")
    load(device, "test", data)
    refused("a name twice", lambda: load(device, "test", data), errno.EEXIST, "name", "module test")
    (guest, _) = device.ask("WASM_LIST")
    equal("the list has it", (guest["NAME"], guest["SIZE"], guest["QUARANTINED"], guest["MIN"], guest["MAX"],
                              guest["FLOATS"]), ("test", len(data), 0, 1, 4, 0))
    equal("it runs as it should", guest["COMPILED"], int("compiled" in sys.argv))
    tap.check("its age is right", None if abs(guest["TIME_NS"] / 1e9 - time.time()) < 600 else guest["TIME_NS"])
    info = device.ask("WASM_INFO", ("NAME", "test"))
    exports = {frame["FIELD"]: frame for frame in info if frame["frame"] == "WASM_EXPORT"}
    equal("so many exports", len(exports), guest["EXPORTS"])
    swap = exports[b"swap"]
    equal("a function has its type", (swap["KIND"], swap["PARAMETERS"], swap["RESULTS"]),
          (FUNCTION, bytes([I32, I64]), bytes([I64, I32])))
    equal("a memory has its pages", (exports[b"memory"]["KIND"], exports[b"memory"]["MAX"]), (MEMORY, 4))
    equal("a table has its elements", (exports[b"table"]["KIND"], exports[b"table"]["VALUE_TYPE"],
                                       exports[b"table"]["MIN"], "MAX" in exports[b"table"]),
          (TABLE, FUNCREF, 2, False))
    equal("a global has its type", (exports[b"counter"]["KIND"], exports[b"counter"]["VALUE_TYPE"],
                                    exports[b"counter"]["MUTABLE"]), (GLOBAL, I64, 1))
    load(device, "task", module("task"))
    wanted = [frame for frame in device.ask("WASM_INFO", ("NAME", "task")) if frame["frame"] == "WASM_IMPORT"]
    equal("an import has its names", [(frame["MODULE"], frame["FIELD"]) for frame in wanted], [(b"hauberk", b"pid")])
    equal("a host function is called", results(device, "task", "pid"), [os.getpid()])
    device.ask("WASM_UNLOAD", ("NAME", "task"))
    refused("of none nothing is told", lambda: device.ask("WASM_INFO", ("NAME", "none")), errno.ENOENT, "no such",
            "guest none")


def calls(device):
    sum_of = run(device, "test", "add", (I32, 2), (I32, 3))
    equal("2 + 3", values(sum_of["VALUES"]), [5])
    tap.check("it took instructions and time", None if 0 < sum_of["INSTRUCTIONS"] < 20 and sum_of["DURATION_NS"] else sum_of)
    equal("the same again takes as many", run(device, "test", "add", (I32, 7), (I32, -9))["INSTRUCTIONS"],
          sum_of["INSTRUCTIONS"])
    for name, wanted, *arguments in (
            ("add", [-1], (I32, 2147483647), (I32, -2147483648)),
            ("add64", [-9223372036854775808], (I64, 9223372036854775807), (I64, 1)),
            ("swap", [1 << 40, -5], (I32, -5), (I64, 1 << 40)),
            ("fac", [2432902008176640000], (I64, 20)),
            ("a b", [42]),
            ("count", [8]), ("count", [8]),
            ("grow", [1], (I32, 3)), ("grow", [-1], (I32, 4)), ("grow", [-1], (I32, -1)),
            ("give", [1])):
        equal(f"{name}{arguments}", results(device, "test", name, *arguments), wanted)
    for name, trap, *arguments in (
            ("div", "integer divide by zero", (I32, 1), (I32, 0)),
            ("div", "integer overflow", (I32, -2147483648), (I32, -1)),
            ("load", "out of bounds memory access", (I32, 65533)),
            ("call", "uninitialized element", (I32, 1)),
            ("call", "undefined element", (I32, 2)),
            ("recurse", "call stack exhausted"),
            ("unreachable", "unreachable")):
        found = results(device, "test", name, *arguments)
        equal(f"{name}{arguments} traps", found, trap)


def bad_calls(device):
    def call(export, *arguments, **attrs):
        return lambda: run(device, "test", export, *arguments, **attrs)

    refused("an export that is none", call("sub"), errno.ENOENT, "no function", "attribute EXPORT")
    refused("an export that is no function", call("memory"), errno.ENOENT, "no function", "attribute EXPORT")
    refused("an export with more behind a NUL", call("add\0x", (I32, 1), (I32, 2)), errno.ENOENT, "no function",
            "attribute EXPORT")
    refused("too few arguments", call("add", (I32, 1)), errno.EINVAL, "takes 2 arguments, not 1", "attribute VALUES")
    refused("too many arguments", call("loop", (I32, 1)), errno.EINVAL, "takes 0 arguments, not 1", "attribute VALUES")
    refused("another type", call("add", (I32, 1), (I64, 1)), errno.EINVAL, "value 1 is an i64", "attribute VALUES")
    refused("an argument that is a reference",
            lambda: device.ask("WASM_RUN", ("NAME", "test"), ("EXPORT", b"take"),
                               ("VALUES", bytes(8) + bytes([EXTERNREF]) + bytes(7))),
            errno.EINVAL, "not a number's", "attribute VALUES")
    refused("no budget at all", call("loop", BUDGET=0), errno.ERANGE, "a call takes 1 to", "attribute BUDGET")
    refused("more than there is time for", call("loop", BUDGET=(1 << 40) + 1), errno.ERANGE, "1099511627776",
            "attribute BUDGET")
    equal("as much as there may be", results(device, "test", "add", (I32, 1), (I32, 1), BUDGET=1 << 40), [2])
    refused("a guest that is none", lambda: run(device, "none", "add"), errno.ENOENT, "no such guest", "guest none")
    load(device, "start", module("start"))
    refused("a start function without an end", lambda: run(device, "start", "f", BUDGET=100000), errno.EIO,
            "fuel exhausted", "guest start")
    device.ask("WASM_UNLOAD", ("NAME", "start"))


def budgets(device):
    for budget in (1, 1000, 5000000):
        result = run(device, "test", "loop", BUDGET=budget)
        good = result.get("TRAP") == "fuel exhausted" and result["INSTRUCTIONS"] <= budget
        tap.check(f"an endless loop ends within {budget}", None if good else result)
    needed = run(device, "test", "fac", (I64, 20))["INSTRUCTIONS"]
    equal("what it needs is enough", results(device, "test", "fac", (I64, 20), BUDGET=needed), [2432902008176640000])
    equal("one less is not", results(device, "test", "fac", (I64, 20), BUDGET=needed - 1), "fuel exhausted")
    equal("and without a budget the kernel's own ends it", results(device, "test", "loop"), "fuel exhausted")


def floats(device):
    load(device, "floats", module("floats"))
    equal("its floats are told", device.ask("WASM_INFO", ("NAME", "floats"))[0]["FLOATS"], 1)
    equal("1.5 * -2.25", results(device, "floats", "mul", (F64, 1.5), (F64, -2.25)), [-3.375])
    equal("sqrt(6.25)", results(device, "floats", "sqrt", (F32, 6.25)), [2.5])
    equal("a long sum", results(device, "floats", "sum", (I32, 300000)), [150000.0])
    device.ask("WASM_UNLOAD", ("NAME", "floats"))


def owners(device):
    with Device() as other:
        load(other, "mine", module("test"), OWNED)
        equal("who owns it runs it", results(other, "mine", "add", (I32, 1), (I32, 1)), [2])
        equal("others do, too", results(device, "mine", "add", (I32, 1), (I32, 1)), [2])
        refused("two are too many", lambda: load_begin(other), errno.EBUSY, "owns a guest", "attribute FLAGS")
        refused("others do not unload it", lambda: device.ask("WASM_UNLOAD", ("NAME", "mine")), errno.EBUSY, "in use",
                "guest mine")
        other.ask("WASM_UNLOAD", ("NAME", "mine"))
        load(other, "mine", module("test"), OWNED)
    refused("it goes with its owner", lambda: device.ask("WASM_UNLOAD", ("NAME", "mine")), errno.ENOENT, "no such",
            "guest mine")


def load_begin(device):
    return device.ask("WASM_BEGIN", ("NAME", "second"), ("SIZE", 8), ("FLAGS", OWNED))


def runner(budget):
    """A process that runs an endless loop in the kernel."""
    ready, told = os.pipe()
    child = os.fork()
    if child:
        os.close(told)
        os.read(ready, 1)
        os.close(ready)
        return child
    with Device() as device:
        os.write(told, b"x")
        run(device, "test", "loop", BUDGET=budget)
    os._exit(0)


def await_instances(device, count):
    end = time.monotonic() + 60
    while device.ask("WASM_INFO", ("NAME", "test"))[0]["INSTANCES"] != count and time.monotonic() < end:
        time.sleep(0.05)
    return device.ask("WASM_INFO", ("NAME", "test"))[0]["INSTANCES"]


def users(device):
    child = runner(1 << 40)
    equal("somebody runs it", await_instances(device, 1), 1)
    refused("it is not unloaded meanwhile", lambda: device.ask("WASM_UNLOAD", ("NAME", "test")), errno.EBUSY, "in use",
            "guest test")
    begin = time.monotonic()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    took = time.monotonic() - begin
    tap.check("who is killed stops to run it", None if took < 30 else f"it took {took} s")
    equal("no instance is left", await_instances(device, 0), 0)


def quarantine(device):
    load(device, "trap", module("test"))
    with Device() as watcher:
        watcher.ask("FOLLOW", ("REPLAY", 0))
        for _ in range(TRAPS_MAX):
            run(device, "trap", "unreachable")
        refused("who traps too often runs no more", lambda: run(device, "trap", "add", (I32, 1), (I32, 1)),
                errno.ESHUTDOWN, "quarantine", "guest trap")
        guest = device.ask("WASM_INFO", ("NAME", "trap"))[0]
        equal("it is told", (guest["QUARANTINED"], guest["TRAPS"]), (1, TRAPS_MAX))
        device.ask("WASM_UNLOAD", ("NAME", "trap"))
        load(device, "trap", module("test"))
        equal("loaded anew it runs", results(device, "trap", "add", (I32, 1), (I32, 1)), [2])
        device.ask("WASM_UNLOAD", ("NAME", "trap"))
        told = []
        while watcher.readable(5) and len(told) < 4:
            event = watcher.read()
            told.append((event["frame"], event["NAME"]))
        equal("events tell of it", told, [(f"EVENT_WASM_{what}", "trap")
                                         for what in ("QUARANTINED", "UNLOADED", "LOADED", "UNLOADED")])


def main():
    with Device() as device:
        for part in (uploads, bad_modules, listings, calls, bad_calls, budgets, floats, owners, users, quarantine):
            # Traps of one part must not put the guest of the next one into quarantine.
            if part in (bad_calls, budgets, users):
                device.ask("WASM_UNLOAD", ("NAME", "test"))
                load(device, "test", module("test"))
            part(device)
        device.ask("WASM_UNLOAD", ("NAME", "test"))
        refused("once is enough", lambda: device.ask("WASM_UNLOAD", ("NAME", "test")), errno.ENOENT, "no such",
                "guest test")
        equal("nothing is left", device.ask("WASM_LIST")[:-1], [])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
