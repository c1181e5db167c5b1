#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""async_client.py PORT COUNT [GREETING]: so many connections at once, each exchanging a line and a megabyte's piece.

All are opened before any is closed. Prints "all COUNT well" or what went wrong.
"""

import asyncio
import hashlib
import sys

PIECE = 20000


async def talk(port, number, greeting, everyone):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if greeting:
        line = await reader.readline()
        assert line == greeting + b"\n", line
    first = b"connection %d\n" % number
    writer.write(first)
    assert await reader.readexactly(len(first)) == first
    await everyone.wait()
    body = hashlib.sha256(first).digest() * (PIECE // 32)
    writer.write(body)
    assert await reader.readexactly(len(body)) == body
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


class Everyone:
    """A barrier: asyncio has none before Python 3.11, and this one need not be used twice."""

    def __init__(self, count):
        self.missing, self.event = count, asyncio.Event()

    async def wait(self):
        self.missing -= 1
        if not self.missing:
            self.event.set()
        await self.event.wait()


async def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    greeting = sys.argv[3].encode() if len(sys.argv) > 3 else b""
    everyone = Everyone(count)
    results = await asyncio.gather(
        *(talk(port, number, greeting, everyone) for number in range(count)), return_exceptions=True)
    faults = [repr(result) for result in results if result is not None]
    print(f"{len(faults)} failed: {faults[:3]}" if faults else f"all {count} well")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
