#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes requests with random faults to /dev/hauberk: each must be answered, and none may change the rule-set.

device_mutations.py [SEED [COUNT]]

A seed that failed is given again to repeat it. Prints TAP. Runs as root in the lab's guest, with the module loaded;
it finds most on a kernel that checks its memory.
"""

import errno
import os
import random
import struct
import sys

from device_pki import RSA_2048, Pki
from device_tap import Tap
from hbk_device import STRICT, Device, Refused, Rule, frame, table

WEB = "spiffe://example.org/web"
COUNT = 400


def mutate(chance, data, keep=0):
    """A few bytes changed, taken out, doubled or cut off, but for the first so many; a frame's length stays right."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(keep, len(data))
        kind = chance.randrange(5)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            del data[at:at + chance.randrange(1, 9)]
        elif kind == 3:
            data[at:at] = data[at:at + chance.randrange(1, 9)]
        else:
            data[at:at + 4] = chance.randbytes(4)
        if len(data) <= keep:
            data.extend(bytes(4))
    return bytes(data)


def mutate_frame(chance, data):
    data = mutate(chance, data, keep=16)
    return struct.pack("<I", len(data)) + data[4:]


def requests(chance, count, samples, device):
    """Frames of a transaction, each with faults. What succeeds by chance is discarded with the transaction."""
    for _ in range(count):
        device.ask("BEGIN")
        for sample in samples:
            yield device.exchange(mutate_frame(chance, sample))[-1]
        device.exchange(frame("ABORT"))


def tables(chance, count, good, setup, device, generation):
    """Tables with faults. Those that are right by chance fail for the generation, which is not the one expected."""
    for _ in range(count):
        device.ask("BEGIN")
        for sample in setup:
            device.exchange(sample)
        device.table(mutate(chance, good))
        outcome = device.exchange(frame("COMMIT", ("EXPECT_GENERATION", generation + 1)))[-1]
        if not outcome["ERRNO"]:
            raise Refused(outcome)
        yield outcome
        device.ask("ABORT")


def summary(outcomes):
    """How often each error came."""
    counts = {}
    for outcome in outcomes:
        if outcome["frame"] != "REPLY":
            raise ValueError(f"answered by {outcome}")
        name = errno.errorcode.get(outcome["ERRNO"], "success")
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def main():
    if os.geteuid():
        sys.exit("device_mutations: must run as root")
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(1 << 32)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    print(f"# seed {seed}", flush=True)
    chance, tap, pki = random.Random(seed), Tap(), Pki()
    pki.ca("ca")
    pki.leaf("web", f"URI:{WEB}")
    pki.leaf("rsa", f"URI:{WEB}", algorithm=RSA_2048)
    anchor = frame("ANCHOR", ("CERT", pki.cert("ca")))
    web, rsa = (frame("IDENTITY", ("NAME", name), ("SPIFFE_ID", WEB), ("CERT", pki.cert(name)),
                      ("CERT", pki.cert("ca")), ("KEY", pki.key(name))) for name in ("web", "rsa"))
    good = table([Rule("web-in", action=STRICT, identity="web", peers=["spiffe://example.org/*", "dns:a.example.org"]),
                  Rule("plain", ports=((80, 90), (8000, 8010)))])
    others = [frame("TABLE", ("OFFSET", 0), ("DATA", good)), frame("FOLLOW", ("REPLAY", 3)),
              frame("SETTINGS", ("HANDSHAKE_MAX", 5), ("HANDSHAKE_TIMEOUT_MS", 500))]
    with Device() as device, Device() as watch:
        generation = watch.generation()
        runs = {
            "anchors and identities": requests(chance, count, [anchor, web, rsa], device),
            "other requests": requests(chance, count, others, device),
            "tables": tables(chance, count, good, [anchor, web], device, generation),
        }
        for name, outcomes in runs.items():
            print(f"# {name}: {summary(outcomes)}", flush=True)
            after = watch.generation()
            tap.check(f"{name} with faults change nothing",
                      None if after == generation else f"the generation went from {generation} to {after}")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
