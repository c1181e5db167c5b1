#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Filters whose VMs are slow to start, and whom that holds up. Prints TAP.

    program ---- lo ---- program, both in this process; rules say what is between them

A VM of "late" is started when a connection of "go" has begun, which is when a case says so, and it traps when it has
waited too long: who is to wait for it, and who is not, shows in the order of what happens. Ports 7420 to 7425. Wants
modules/late.wasm and modules/raw.wasm, and bearssl, wasm and hauberk loaded.
"""

import contextlib
import ctypes
import errno
import itertools
import re
import select
import socket
import struct
import subprocess
import sys
import time

from device_filters import BUDGET, HERE, HOST, PKI, SPIFFE, TIMEOUT, at, expect, meets, pair, read, read_all, status
from device_tap import Tap
from hbk_device import OFF, OUTBOUND, STRICT, Device, Rule, table

LATE, ALONE, GO, TLS, LATE_TLS, OUT = range(7420, 7426)
with open("/sys/devices/system/cpu/possible") as possible:
    CPUS = int(re.split("[-,]", possible.read())[-1]) + 1
MANY = 16 * CPUS + 8        # more than there are workers for handshakes
CALLS_OF_START = 3          # proxy_on_context_create, proxy_on_vm_start, proxy_on_configure
LIBC = ctypes.CDLL(None)
KEYS = itertools.count()    # VMs of before are not used again: each push has a key of its own


def entry(name, module, config, **more):
    return [("NAME", name), ("MODULE", module), ("VM_ID", "late"), ("ROOT_ID", config), ("CONFIG", config.encode()),
            ("BUDGET", BUDGET), *more.items()]


def rules(filters):
    peers = [f"{SPIFFE}*"]
    return [
        Rule("late", action=OFF, ports=at(LATE), filters=filters),
        Rule("alone", action=OFF, ports=at(ALONE), filters=("alone",)),
        Rule("out", OUTBOUND, OFF, at(OUT), filters=filters),
        Rule("go", action=OFF, ports=at(GO), filters=("go",)),
        Rule("tls", action=STRICT, ports=at(TLS), identity="server", peers=peers),
        Rule("tls-out", OUTBOUND, STRICT, at(TLS), "client", None, peers),
        Rule("late-tls", action=STRICT, ports=at(LATE_TLS), identity="server", peers=peers, filters=filters),
        Rule("late-tls-out", OUTBOUND, STRICT, at(LATE_TLS), "client", None, peers),
    ]


def push(device, letter="w", filters=("late", "swap"), key=None, **more):
    key = str(next(KEYS)) if key is None else key
    entries = [entry("late", b"late", letter + key, **more), entry("alone", b"late", letter + key, ISOLATION=1),
               entry("go", b"late", "g" + key), entry("swap", b"raw", "x")]
    identities = [(name, SPIFFE + name, [PKI.cert(name)], PKI.key(name)) for name in ("server", "client")]
    device.push(table(rules(filters)), [PKI.cert("ca")], identities, [], entries)
    return key


def go():
    """From now on VMs get started."""
    with pair(GO) as (client, server):
        client.sendall(b"go")
        expect(read(server, 2), b"go")


def waits(device, name="late"):
    """Has no VM been started yet, and none been given up?"""
    expect(status(device, name)["TRAPS"], 0)


def passes(client, server, wanted=b"AB"):
    client.sendall(b"ab")
    expect(read(server, 2), wanted)


def begins(device, name="late"):
    """The first of its connections is at the filter now. Nobody tells."""
    deadline = time.monotonic() + TIMEOUT
    while not status(device, name)["STREAMS"]:
        expect(time.monotonic() < deadline, True)
        select.select([], [], [], 0.01)


@contextlib.contextmanager
def outbound(device):
    """The client has the filters, and does not block: he does not learn that he is connected before they are open."""
    with socket.create_server((HOST, OUT)) as listener, socket.socket() as client:
        client.setblocking(False)
        expect(client.connect_ex((HOST, OUT)), errno.EINPROGRESS)
        server, _ = listener.accept()
        client.settimeout(TIMEOUT)
        begins(device)
        with server:
            yield client, server


def refusal(follower):
    while True:
        expect(follower.readable(TIMEOUT), True)
        event = follower.read()
        if event["frame"] == "EVENT_REFUSED":
            return event["REASON"]


def is_shut_out(sock):
    """Does it know that it has to wait?"""
    expect(select.select([sock], [sock], [], 0), ([], [], []))
    sock.setblocking(False)
    meets(errno.EAGAIN, lambda: sock.recv(1))
    meets(errno.EAGAIN, lambda: sock.send(b"x"))
    sock.settimeout(TIMEOUT)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def dissolve(sock):
    """connect() to AF_UNSPEC, which Python does not know."""
    expect(LIBC.connect(sock.fileno(), bytes(16), 16), 0)


def others_go_on(device, port, wanted):
    """More connections than workers wait for VMs: those without filters, and of other filters, do not."""
    with contextlib.ExitStack() as stack:
        late = [stack.enter_context(pair(port)) for _ in range(MANY)]
        with pair(TLS) as (client, server):
            passes(client, server, b"ab")
        waits(device)
        waits(device, "alone")
        go()
        for client, server in late:
            passes(client, server, wanted)


def others_go_on_while_a_vm_starts(device):
    push(device)
    others_go_on(device, LATE, b"AB")


def others_go_on_while_many_vms_start(device):
    push(device)
    others_go_on(device, ALONE, b"ab")


def who_needs_the_vm_waits_for_it(device):
    """Nobody reads what has not passed the filters, and nobody's handshake ends before."""
    for port in (LATE, LATE_TLS):
        push(device)
        with pair(port) as (client, server):
            client.sendall(b"ab")
            is_shut_out(server)
            waits(device)
            go()
            expect(read(server, 2), b"AB")
            server.sendall(b"cd")
            expect(read(client, 2), b"cd")


def a_reset_ends_the_wait(device):
    for port, name in ((LATE, "late"), (ALONE, "alone")):
        push(device)
        with pair(port) as (client, server):
            begins(device, name)
            reset(client)
            meets(errno.ECONNRESET, lambda server=server: server.recv(1))
        waits(device)
        waits(device, "alone")
        go()
    with pair(ALONE) as (client, server):
        passes(client, server, b"ab")


def a_reset_ends_the_wait_of_a_client(device):
    push(device)
    with Device() as follower, outbound(device) as (client, server):
        follower.ask("FOLLOW")
        reset(server)
        meets(errno.ECONNRESET, lambda: client.recv(1))
        expect(refusal(follower), "reset")
        waits(device)
        go()


def who_has_lost_it_may_connect_again(device):
    """One connection is reset, the next one dissolved, while their filters are being opened."""
    push(device)
    with socket.create_server((HOST, OUT)) as listener, socket.socket() as client:
        for is_reset in (True, False, None):
            client.settimeout(None)     # else Python waits until it can write
            client.connect((HOST, OUT))
            client.settimeout(TIMEOUT)
            server, _ = listener.accept()
            if is_reset is None:
                break
            if is_reset:
                reset(server)
                meets(errno.ECONNRESET, lambda: client.recv(1))
            dissolve(client)
            server.close()
        waits(device)
        with server:
            server.settimeout(TIMEOUT)
            go()
            passes(client, server)


def what_came_before_the_end_is_read(device):
    for end in (socket.socket.close, reset):
        push(device)
        with pair(LATE) as (client, server):
            begins(device)
            client.sendall(b"ab")
            end(client)
            waits(device)
            go()
            expect(read(server, 2), b"AB")
            if end is reset:
                meets(errno.ECONNRESET, lambda server=server: server.recv(1))
            else:
                expect(server.recv(1), b"")


def what_came_before_the_end_is_read_by_a_client(device):
    push(device)
    with outbound(device) as (client, server):
        server.sendall(b"ab")
        reset(server)
        waits(device)
        go()
        expect(read(client, 2), b"ab")
        meets(errno.ECONNRESET, lambda: client.recv(1))


def close_does_not_wait(device):
    for port, name in ((LATE, "late"), (ALONE, "alone"), (LATE_TLS, "late")):
        push(device)
        with pair(port) as (client, server):
            begins(device, name)
            server.close()
            with contextlib.suppress(ConnectionError):
                expect(client.recv(1), b"")
        waits(device)
        waits(device, "alone")
        go()
    with pair(LATE) as (client, server):
        passes(client, server)


def shutdown_is_done_when_it_is_open(device):
    push(device)
    with pair(LATE) as (client, server):
        begins(device)
        server.shutdown(socket.SHUT_WR)
        waits(device)
        go()
        expect(client.recv(1), b"")
        passes(client, server)
        client.close()
        expect(read_all(server), b"")


def who_has_gone_is_not_served(device):
    """Of the VMs that are wanted no more only those are started whose turn it was."""
    push(device)
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(pair(ALONE))
    go()
    with pair(ALONE) as (client, server):
        passes(client, server, b"ab")
    expect(status(device, "alone")["CALLS"] < CALLS_OF_START * (MANY - CPUS), True)


def all_fail_whose_vm_cannot_be_started(device):
    push(device, "r")
    with contextlib.ExitStack() as stack:
        late = [stack.enter_context(pair(LATE)) for _ in range(4)]
        go()
        for _, server in late:
            meets(errno.ECONNRESET, lambda server=server: server.recv(1))
    expect(status(device, "late")["FAILED"], 4)


def all_are_let_pass_where_the_rule_says_so(device):
    push(device, "r", ON_FAILURE=1)
    with contextlib.ExitStack() as stack:
        late = [stack.enter_context(pair(LATE)) for _ in range(4)]
        go()
        for client, server in late:
            passes(client, server)
    expect(status(device, "late")["BYPASSED"], 4)


def a_push_holds_up_nobody(device):
    """Who waits goes on with the filters of before, who comes has the new ones."""
    key = push(device)
    with pair(LATE) as (client, server):
        push(device, filters=(), key=key)
        with pair(LATE) as (later, its_server):
            passes(later, its_server, b"ab")
        client.sendall(b"ab")
        is_shut_out(server)
        go()
        expect(read(server, 2), b"AB")


def the_module_goes_while_a_vm_starts():
    """The connections have gone before, and so has the device: only the VMs are left."""
    with Device() as device:
        push(device, "b")
        with pair(ALONE), pair(LATE):
            waits(device)
    deadline = time.monotonic() + TIMEOUT
    while subprocess.run(["rmmod", "hauberk"], stderr=subprocess.DEVNULL, check=False).returncode:
        expect(time.monotonic() < deadline, True)
        select.select([], [], [], 0.1)
    subprocess.run([f"{HERE}/load-modules"], check=True)


CASES = (others_go_on_while_a_vm_starts, others_go_on_while_many_vms_start, who_needs_the_vm_waits_for_it,
         a_reset_ends_the_wait, a_reset_ends_the_wait_of_a_client, who_has_lost_it_may_connect_again,
         what_came_before_the_end_is_read, what_came_before_the_end_is_read_by_a_client, close_does_not_wait,
         shutdown_is_done_when_it_is_open, who_has_gone_is_not_served,
         all_fail_whose_vm_cannot_be_started, all_are_let_pass_where_the_rule_says_so, a_push_holds_up_nobody)


def load(device, name):
    with open(f"{HERE}/modules/{name}.wasm", "rb") as file:
        device.load(name, file.read())


def main():
    PKI.ca("ca")
    for name in ("server", "client"):
        PKI.leaf(name, f"URI:{SPIFFE}{name}")
    tap = Tap()
    with Device() as device:
        load(device, "late")
        load(device, "raw")
        push(device)
        with pair(TLS) as (client, server):     # the kernel may have something to load for the first one
            passes(client, server, b"ab")
        for case in CASES:
            tap.run(case, device)
    tap.run(the_module_goes_while_a_vm_starts)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
