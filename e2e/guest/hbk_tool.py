#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does with the device what a test on the host asks for, quicker than a Java virtual machine starts in the guest.

    hbk_tool.py push FILE       one rule-set, as JSON; loads the modules of its filters, unloads those of others
                                that nobody uses, and prints its generation
    hbk_tool.py status          frames of STATUS, one JSON object a line
    hbk_tool.py connections     frames of CONNECTIONS
    hbk_tool.py guests          frames of WASM_LIST
    hbk_tool.py sweep           unloads the modules of filters, and prints the names of those that are in use
    hbk_tool.py load NAME FILE  makes a guest of a small module
    hbk_tool.py filters         frames of FILTERS
    hbk_tool.py metrics         frames of METRICS
    hbk_tool.py follow          prints "following", then the past events and each new one as it comes
"""

import base64
import errno
import json
import os
import sys

from hbk_device import Device, Refused

REPLAY = 1000

def printable(frame):
    return {name: value.hex() if isinstance(value, bytes) else value if isinstance(value, (int, str)) else str(value)
            for name, value in frame.items()}


def show(frame):
    print(json.dumps(printable(frame), sort_keys=True), flush=True)


def attributes(entry):
    """Of a frame, whose bytes are text here."""
    return [(name, value.encode() if name in ("MODULE", "VM_CONFIG", "CONFIG") else value)
            for name, value in entry.items()]


def guests(device):
    """The names of the modules of filters, which end with a dash and digits of their digest."""
    return {frame["NAME"] for frame in device.ask("WASM_LIST")[:-1]
            if frame["NAME"].endswith("-" + frame["DIGEST"].hex()[:12])}


def sweep(device, used):
    """Unloads the modules of filters that are not used, and returns those that somebody still uses."""
    left = []
    for name in guests(device) - used:
        try:
            device.ask("WASM_UNLOAD", ("NAME", name))
        except Refused as refused:
            if refused.errno != errno.EBUSY:
                raise
            left.append(name)
    return left


def push(path):
    """Returns the new generation."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    identities = [
        (identity["name"], identity["spiffeId"], [base64.b64decode(cert) for cert in identity["chain"]],
         base64.b64decode(identity["key"]))
        for identity in content["identities"]]
    with Device() as device:
        modules = content["modules"]
        for name in modules.keys() - guests(device):
            device.load(name, base64.b64decode(modules[name]))
        generation = device.push(
            base64.b64decode(content["table"]),
            anchors=[base64.b64decode(anchor) for anchor in content["anchors"]],
            identities=identities,
            settings=list(content["settings"].items()),
            filters=[attributes(entry) for entry in content["filters"]],
            upstreams=[attributes(entry) for entry in content["upstreams"]],
            commit=[("LABEL", "e2e")])
        sweep(device, modules.keys())
        return generation


def ask(request):
    with Device() as device:
        for frame in device.ask(request):
            show(frame)


def load(name, path):
    with open(path, "rb") as file, Device() as device:
        device.load(name, file.read())


def follow():
    with Device() as device:
        device.ask("FOLLOW", ("REPLAY", REPLAY))
        print("following", flush=True)
        while True:
            show(device.read())


def main():
    verb, *words = sys.argv[1:] or [""]
    if verb == "push" and len(words) == 1:
        print(push(words[0]))
    elif verb in ("status", "connections", "filters", "metrics") and not words:
        ask(verb.upper())
    elif verb == "sweep" and not words:
        with Device() as device:
            print(*sweep(device, set()))
    elif verb == "guests" and not words:
        ask("WASM_LIST")
    elif verb == "load" and len(words) == 2:
        load(*words)
    elif verb == "follow" and not words:
        follow()
    else:
        sys.exit(__doc__)
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
