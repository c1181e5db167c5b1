# SPDX-License-Identifier: Apache-2.0
"""Event scripts: the YAML that filters are tested with, as the text that a trial runs, and what its trace has to hold.

The YAML is that of `hauberk filter test` (docs/filters.md), the text and the trace are those of docs/proxy-wasm.md.
"""

import re
from pathlib import Path

import yaml

ESCAPES = {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", ord('"'): '\\"', ord("\\"): "\\\\"}
NUMBERS = ("budget", "clock", "seed")
SETUP = ("mode", "root", "vm_config", "plugin_config", "on_failure", *NUMBERS, "upstreams", "properties")
SCRIPT = {"name", "about", "module", "setup", "events", "expect", "forbid"}
BARE_EVENTS = {"start", "open", "tick", "done"}


class BadScript(Exception):
    """The YAML is not an event script."""


def to_bytes(value):
    """Bytes as the YAML writes them: a string of bytes, {hex: …}, {repeat: N, of: …}, or a list of these."""
    if isinstance(value, str):
        return value.encode("latin-1")
    if isinstance(value, list):
        return b"".join(to_bytes(part) for part in value)
    if isinstance(value, dict) and set(value) == {"hex"}:
        return bytes.fromhex(value["hex"])
    if isinstance(value, dict) and set(value) == {"repeat", "of"}:
        return to_bytes(value["of"]) * value["repeat"]
    raise BadScript(f"not bytes: {value!r}")


def quoted(value):
    text = "".join(
        ESCAPES.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}") for byte in to_bytes(value)
    )
    return f'"{text}"'


def setup_lines(setup):
    unknown = set(setup) - set(SETUP)
    if unknown:
        raise BadScript(f"unknown in setup: {', '.join(sorted(unknown))}")
    for key in SETUP:
        if key not in setup:
            continue
        value = setup[key]
        if key == "upstreams":
            yield from (f"upstream {name}" for name in value)
        elif key == "properties":
            yield from (f"property {path} {quoted(bytes_)}" for path, bytes_ in value.items())
        elif key in ("mode", "on_failure", *NUMBERS):
            yield f"{key} {value}"
        else:
            yield f"{key} {quoted(value)}"


def event_line(event):
    if isinstance(event, str):
        if event not in BARE_EVENTS:
            raise BadScript(f"no such event: {event}")
        return event
    kind, value = next(iter(event.items()))
    if kind in ("down", "up") and set(event) <= {kind, "end"}:
        return f"{kind} {quoted(value)}{' end' if event.get('end') else ''}"
    if len(event) != 1:
        raise BadScript(f"an event with more than one key: {event!r}")
    if kind in ("http_response", "foreign"):
        return f"{kind} {value['id']} {quoted(value['bytes'])}"
    if kind in ("close", "advance", "queue", "http_timeout"):
        return f"{kind} {value}"
    raise BadScript(f"no such event: {event!r}")


def fits(expected, line):
    """A whole line, or between slashes a regular expression that is found in it."""
    if len(expected) > 1 and expected.startswith("/") and expected.endswith("/"):
        return re.search(expected[1:-1], line) is not None
    return expected == line


class Script:
    """One script: its text, and whether a trace is what it should be."""

    def __init__(self, value, module):
        unknown = set(value) - SCRIPT
        if unknown:
            raise BadScript(f"unknown in a script: {', '.join(sorted(unknown))}")
        self.name = value["name"]
        self.module = value.get("module", module)
        self.expect = value.get("expect", [])
        self.forbid = value.get("forbid", [])
        if not self.expect and not self.forbid:
            raise BadScript(f"{self.name} expects nothing")
        lines = [*setup_lines(value.get("setup", {})), *(event_line(event) for event in value["events"])]
        self.text = "\n".join(lines) + "\n"

    def faults(self, trace):
        """What of the expectations the trace does not meet, one sentence each."""
        lines = trace.splitlines()
        rest = iter(lines)
        for expected in self.expect:
            if not any(fits(expected, line) for line in rest):
                yield f"expected in this order: {expected}"
                break
        for forbidden in self.forbid:
            yield from (f"forbidden by {forbidden}: {line}" for line in lines if fits(forbidden, line))


def read(path):
    """The scripts of a YAML file."""
    value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    try:
        return [Script(script, value.get("module")) for script in value["scripts"]]
    except (BadScript, KeyError) as why:
        raise BadScript(f"{path}: {why}") from why
