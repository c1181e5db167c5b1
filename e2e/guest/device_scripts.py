#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Event scripts run by the kernel, whose traces must be those of the native host, line by line. Prints TAP.

The folder has scripts.tsv (name, module), NAME.script, native/NAME.trace and MODULE.wasm.
"""

import difflib
import sys
from pathlib import Path

from device_tap import Tap
from hbk_device import Device, Refused

LINES_MOST = 30


def trace(device, module, script):
    """What the kernel traced, or why it did not."""
    try:
        frames = device.ask("FILTER_TRY", ("NAME", module), ("DATA", script))
    except Refused as refusal:
        return f"refused: {refusal}\n"
    return b"".join(frame["DATA"] for frame in frames if frame["frame"] == "FILTER_LINES").decode("ascii")


def difference(wanted, found):
    lines = difflib.unified_diff(wanted.splitlines(), found.splitlines(), "native", "kernel", lineterm="", n=1)
    return "\n".join(list(lines)[:LINES_MOST]) or None


class Guests:
    """The modules that the kernel keeps for the scripts."""

    def __init__(self, device, folder):
        self.device = device
        self.folder = folder
        self.loaded = set()

    def load(self, module):
        if module not in self.loaded:
            self.device.load(f"script-{module}", (self.folder / f"{module}.wasm").read_bytes())
            self.loaded.add(module)
        return f"script-{module}"

    def forget(self, module):
        self.device.ask("WASM_UNLOAD", ("NAME", f"script-{module}"))
        self.loaded.discard(module)


def main(folder):
    tap = Tap()
    rows = [line.split("\t") for line in (folder / "scripts.tsv").read_text(encoding="ascii").splitlines()]
    with Device() as device:
        guests = Guests(device, folder)
        for name, module in rows:
            wanted = (folder / "native" / f"{name}.trace").read_text(encoding="ascii")
            found = trace(device, guests.load(module), (folder / f"{name}.script").read_bytes())
            tap.check(name, difference(wanted, found))
            # A guest that traps often is put in quarantine.
            if "\ntrap " in wanted:
                guests.forget(module)
        for module in sorted(guests.loaded):
            guests.forget(module)
    return tap.finish()


sys.exit(main(Path(sys.argv[1])))
