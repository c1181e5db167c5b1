#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stress.py SECONDS SEED CYCLE: everything at once, in cycles of so many seconds; at least one cycle.
The first goes on until everything has been done once, a slow machine needs longer.

In each cycle listeners are opened, the modules are loaded and rules pushed, and then, each in processes of its own,
    clients and servers exchange bytes, close in the middle, reset, half-close, leave things unread, are killed,
    peers that speak no TLS, or only begin to, come to a strict port,
    plaintext and TLS come to a permissive port,
    listeners are closed while children wait in their backlog, in a flood that nobody accepts,
    rule-sets are swapped: record layers, certificates, resumption, who may come, permissive or strict,
    the device is asked and followed,
until all of them are killed and the modules unloaded. One process makes plain connections all the while, which must
never meet an error. An error of an upgraded connection is no fault; a wrong byte is, and so is plaintext where it
must not be. Prints what was done, a line per cycle and one for all.
"""

import contextlib
import mmap
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

import device_pki
from hbk_device import (DENY, INBOUND, OUTBOUND, PERMISSIVE, RECORDS_KERNEL, RECORDS_OWN, STRICT, Device, Refused, Rule,
                        table)

HOST = "127.0.0.1"
BUSY, ECHO, STRICT_IN, PLAIN_PEERS, MIXED, BACKLOG, DENIED = 7502, 7600, 7601, 7602, 7603, 7604, 7605
UNLOAD_S, IDLE_S, PATIENCE_S = 120, 120, 5
SIZE_MAX, FLOOD = 16000, 24
SECRET = b"for peers with a certificate only"
SOL_HAUBERK, SO_INFO = 0x4842, 1
LINGER_RESET = struct.pack("ii", 1, 0)

COUNTS = ("connections", "exchanges", "errors", "strangers", "plain", "floods", "swaps", "looks", "kills", "busy",
          "faults")


class Counters:
    """Shared by all processes; each adds to its own row, so that none is lost.

    A row is read, and its process killed, at any moment: a sum is written as one word. struct.pack_into() will not do,
    which clears the place before it writes.
    """

    ROWS = 64

    def __init__(self):
        self.words = memoryview(mmap.mmap(-1, self.ROWS * len(COUNTS) * 8)).cast("Q")
        self.row = 0

    def add(self, name):
        self.words[self.row * len(COUNTS) + COUNTS.index(name)] += 1

    def total(self):
        return {name: sum(self.words[place::len(COUNTS)]) for place, name in enumerate(COUNTS)}


counters = Counters()


class Fault(Exception):
    """What must not happen."""


class Workers:
    """Processes that run a function for ever, each in the row of counters that its place gives it."""

    def __init__(self, first_row):
        self.first_row = first_row
        self.functions = []
        self.pids = []

    def start(self, function, *arguments):
        self.functions.append((function, arguments))
        self.pids.append(self._fork(len(self.pids)))

    def _fork(self, place):
        seed = random.random()
        pid = os.fork()
        if pid:
            return pid
        function, arguments = self.functions[place]
        random.seed(seed)
        counters.row = self.first_row + place
        try:
            while True:
                function(*arguments)
        except BaseException:
            traceback.print_exc()
            counters.add("faults")
        os._exit(1)

    def kill_one(self):
        """SIGKILL wherever it is just now, and another one in its place."""
        place = random.randrange(len(self.pids))
        os.kill(self.pids[place], signal.SIGKILL)
        os.waitpid(self.pids[place], 0)
        self.pids[place] = self._fork(place)
        counters.add("kills")

    def stop(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)


def listen(port, backlog=64):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((HOST, port))
    listener.listen(backlog)
    return listener


def leave(sock):
    """One of the ways to go."""
    way = random.randrange(5)
    if way == 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
    elif way == 1:
        with contextlib.suppress(OSError):
            sock.shutdown(random.choice((socket.SHUT_WR, socket.SHUT_RDWR)))
    sock.close()


def serve(listener, greeting=b""):
    """One connection: echo, and now and then an end in the middle."""
    try:
        sock, _ = listener.accept()
    except ConnectionAbortedError:  # a flood of refused ones
        counters.add("errors")
        return
    with sock:
        sock.settimeout(PATIENCE_S)
        try:
            if greeting:
                sock.sendall(greeting)
            while data := sock.recv(random.choice((1, 100, 65536))):
                sock.sendall(data)
                if random.random() < 0.002:
                    break
        except OSError:
            pass
        leave(sock)


def connect(port):
    counters.add("connections")
    return socket.create_connection((HOST, port), timeout=PATIENCE_S)


def exchange(sock):
    """Bytes come back as they were; an early end is the server's right."""
    sent = random.randbytes(random.randrange(1, SIZE_MAX))
    sock.sendall(sent)
    got = 0
    while got < len(sent):
        if random.random() < 0.3:
            sock.recv(100, socket.MSG_PEEK)
        data = sock.recv(65536)
        if sent[got:got + len(data)] != data:
            raise Fault(f"byte {got} of {len(sent)} is wrong")
        if not data:
            return
        got += len(data)
    counters.add("exchanges")


def hasty(sock):
    """Closed before there was a handshake, perhaps."""
    if random.random() < 0.5:
        sock.setblocking(False)
        sock.send(b"x")


def half_close(sock):
    sock.sendall(b"half")
    sock.shutdown(socket.SHUT_WR)
    data = b""
    while piece := sock.recv(100):
        data += piece
    if not b"half".startswith(data):
        raise Fault(f"{data!r} came back for a half-closed stream")


def unread(sock):
    sock.sendall(bytes(random.randrange(1, 5000)))


def asking(sock):
    sock.sendall(b"?")
    sock.recv(1)
    sock.getsockopt(SOL_HAUBERK, SO_INFO, 512)
    exchange(sock)


def client(port):
    try:
        sock = connect(port)
        try:
            random.choice((exchange, exchange, exchange, hasty, half_close, unread, asking))(sock)
        finally:
            leave(sock)
    except OSError:
        counters.add("errors")


def stranger(port):
    """Speaks no TLS, or only begins to, and must not be told the secret."""
    words = (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01", b"\x16\x03\x01\x00\x30\x01\x00\x00\x2c\x03\x03" + bytes(20),
             b"\x16\x03\x03\xff\xff", b"\x15\x03\x03\x00\x02\x02\x28", b"\x17\x03\x03\x00\x20" + bytes(32), b"",
             random.randbytes(2000))
    counters.add("strangers")
    try:
        with connect(port) as sock:
            sock.settimeout(random.random())
            sock.sendall(random.choice(words))
            data = sock.recv(4096)
            if SECRET[:8] in data:
                raise Fault(f"a stranger was told {data!r}")
            leave(sock)
    except OSError:
        counters.add("errors")


def plain_peer(port):
    """To a permissive port; the rules may just now be strict there."""
    try:
        with connect(port) as sock:
            exchange(sock)
            counters.add("plain")
            leave(sock)
    except OSError:
        counters.add("errors")


def flood(port):
    """Many connections that wait to be accepted, a few that are, and then the listener is gone."""
    listener = listen(port, random.choice((1, FLOOD)))
    socks = []
    for _ in range(random.randrange(2, FLOOD)):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex((HOST, port))
        socks.append(sock)
        counters.add("connections")
    for _ in range(random.randrange(4)):
        if select.select([listener], [], [], random.random())[0]:
            listener.setblocking(False)
            with contextlib.suppress(OSError):
                leave(listener.accept()[0])
    for sock in random.sample(socks, len(socks) // 2):
        with contextlib.suppress(OSError):
            sock.send(b"in the backlog")
    listener.close()
    for sock in socks:
        leave(sock)
    counters.add("floods")


class RuleSets:
    """Two sets of certificates of one authority, and rules that vary."""

    def __init__(self):
        self.pki = device_pki.Pki()
        self.pki.ca("ca")
        for name in ("server", "client"):
            for version in "12":
                self.pki.leaf(name + version, f"URI:spiffe://example.org/{name}")

    def _rules(self):
        allowed = random.choice(["client"] * 9 + ["nobody"])
        inbound = {"identity": "server", "peers": [f"spiffe://example.org/{allowed}"]}
        outbound = {"identity": "client", "peers": ["spiffe://example.org/server"]}
        permissive = PERMISSIVE if random.random() < 0.8 else STRICT
        ports = lambda *numbers: tuple((number, number) for number in numbers)
        return [
            Rule("denied", INBOUND, DENY, ports(DENIED)),
            Rule("in", INBOUND, STRICT, ports(ECHO, STRICT_IN, BACKLOG), **inbound),
            Rule("mixed", INBOUND, permissive, ports(PLAIN_PEERS, MIXED), **inbound),
            Rule("out", OUTBOUND, STRICT, ports(ECHO, MIXED, BACKLOG, DENIED), **outbound),
        ]

    def push(self):
        version = random.choice("12")
        with Device() as device:
            device.push(table(self._rules()), [self.pki.cert("ca")],
                        [(name, f"spiffe://example.org/{name}", [self.pki.cert(name + version)],
                          self.pki.key(name + version)) for name in ("client", "server")],
                        [("HANDSHAKE_TIMEOUT_MS", random.choice((100, 1000, 10000))),
                         ("HANDSHAKE_MAX", random.choice((4, 1000))),
                         ("HANDSHAKE_RATE", random.choice((0, 0, 0, 20))),
                         ("SESSION_MAX", random.choice((0, 2, 1000))),
                         ("RECORD_LAYER", random.choice((RECORDS_KERNEL, RECORDS_OWN)))])

    def swap(self):
        """A push, or one that is left half done."""
        if random.random() < 0.2:
            with Device() as device:
                device.ask("BEGIN")
                device.ask("ANCHOR", ("CERT", self.pki.cert("ca")))
        else:
            with contextlib.suppress(Refused):
                self.push()
        counters.add("swaps")
        time.sleep(random.random() / 2)


def look():
    with Device() as device:
        device.ask("STATUS")
        device.ask("CONNECTIONS")
        device.ask("FOLLOW", ("REPLAY", 1000))
        while device.readable(0.1) and random.random() < 0.999:
            device.read()
    counters.add("looks")


def busy(listener):
    """Plain connections through whatever accept() and connect() are just now."""
    with socket.create_connection((HOST, BUSY)) as one, listener.accept()[0] as other:
        one.sendall(b"x")
        if other.recv(1) != b"x":
            raise Fault("a plain connection lost a byte")
    counters.add("busy")


def load():
    subprocess.run(["/opt/hauberk/e2e/load-modules"], check=True)


def unload():
    """What the last close() set free may take a moment: the kernel tells nobody when a count falls to zero."""
    deadline = time.monotonic() + UNLOAD_S
    while subprocess.run(["rmmod", "hauberk"], stderr=subprocess.DEVNULL, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("hauberk.ko cannot be unloaded")
        time.sleep(0.05)
    subprocess.run(["rmmod", "wasm", "bearssl"], check=True)


def idle():
    """What nobody has done yet."""
    totals = counters.total()
    return [name for name in COUNTS if not totals[name] and name != "faults"]


def cycle(rulesets, seconds):
    workers = Workers(1)
    listeners = [listen(port) for port in (ECHO, ECHO, MIXED, PLAIN_PEERS, DENIED)]
    secret = listen(STRICT_IN)
    for listener in listeners:
        workers.start(serve, listener)
        workers.start(serve, listener)
    workers.start(serve, secret, SECRET)
    load()
    rulesets.push()
    for port in (ECHO, ECHO, ECHO, MIXED, DENIED):
        workers.start(client, port)
    workers.start(stranger, STRICT_IN)
    workers.start(plain_peer, PLAIN_PEERS)
    workers.start(flood, BACKLOG)
    workers.start(rulesets.swap)
    workers.start(look)
    end = time.monotonic() + seconds
    while time.monotonic() < end or (idle() and time.monotonic() < end + IDLE_S):
        time.sleep(random.random())
        workers.kill_one()
    workers.stop()
    for listener in (*listeners, secret):
        listener.close()
    unload()


def main():
    seconds, seed, cycle_seconds = (int(word) for word in sys.argv[1:])
    end = time.monotonic() + seconds
    random.seed(seed)
    rulesets = RuleSets()
    plain = Workers(Counters.ROWS - 1)
    plain.start(busy, listen(BUSY))
    cycles = 0
    while not cycles or time.monotonic() < end:
        begin = time.monotonic()
        cycle(rulesets, cycle_seconds)
        cycles += 1
        totals = counters.total()
        print(f"cycle {cycles}, {time.monotonic() - begin:.0f} s:",
              " ".join(f"{name} {totals[name]}" for name in COUNTS), flush=True)
        if totals["faults"]:
            break
    plain.stop()
    load()
    totals = counters.total()
    if totals["faults"] or idle():
        sys.exit(f"faults: {totals['faults']}; never done: {idle()}")
    print(f"done: {totals['connections']}", flush=True)


if __name__ == "__main__":
    main()
