# SPDX-License-Identifier: Apache-2.0
"""Processes that are in accept() already when the modules are loaded. Run as root in the guest; prints TAP.

    one process each, asleep in TCP's own accept():
        IPv4, IPv6, a limit to the wait, two on one listener, another network namespace, an application that the
        rule knows by its control group: the connection that ends the sleep is upgraded as any other one
        a port that is denied: the sleep goes on
    a listener in a BPF sockmap, which keeps TCP's own accept(): what it takes is reset, or closed at once, and forgotten

Then the modules must go. They are loaded at first and in the end.
"""

import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

import device_pki
from device_tap import Tap
from hbk_device import DENY, INBOUND, OUTBOUND, STRICT, Device, Rule, table
from socket_info import info

STRICT_PORTS, DENIED_PORT, SOCKMAP_PORT, GROUP_PORT = (7100, 7109), 7110, 7111, 7112
CGROUP_ROOT = pathlib.Path("/run/sleepers-cgroup")
PATIENCE_S, SLEEP_LIMIT_S, UNLOAD_S = 60, 600, 30

CLONE_NEWNET, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8913, 0x8914, 1
SYS_BPF, BPF_MAP_CREATE, BPF_MAP_UPDATE_ELEM, BPF_MAP_TYPE_SOCKMAP = 321, 0, 2, 15

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    """A function of libc, or an OSError."""
    value = function(*arguments)
    if value < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value


def load():
    subprocess.run(["/opt/hauberk/e2e/load-modules"], check=True)


def push():
    pki = device_pki.Pki()
    pki.ca("ca")
    for name in ("server", "client"):
        pki.leaf(name, f"URI:spiffe://example.org/{name}")
    inbound = {"identity": "server", "peers": ["spiffe://example.org/client"]}
    strict = (STRICT_PORTS, (SOCKMAP_PORT, SOCKMAP_PORT))
    rules = [
        Rule("denied", INBOUND, DENY, ((DENIED_PORT, DENIED_PORT),)),
        Rule("group", INBOUND, STRICT, ((GROUP_PORT, GROUP_PORT),), cgroups=[CGROUP_ROOT.stat().st_ino], **inbound),
        Rule("in", INBOUND, STRICT, strict, **inbound),
        Rule("out", OUTBOUND, STRICT, (*strict, (GROUP_PORT, GROUP_PORT)), identity="client",
             peers=["spiffe://example.org/server"]),
    ]
    with Device() as device:
        device.push(table(rules), [pki.cert("ca")],
                    [(name, f"spiffe://example.org/{name}", [pki.cert(name)], pki.key(name))
                     for name in ("client", "server")],
                    [("SESSION_MAX", 0)])   # without resumption the client is the last to be through


class Sleeper:
    """A process that accepts one connection of a listener and sends back what comes first."""

    def __init__(self, listener):
        self.address = listener.getsockname()
        self.family = listener.family
        self.pid = os.fork()
        if not self.pid:
            os._exit(self._run(listener))
        if not self.is_asleep():
            raise AssertionError(f"accept() at {self.address} does not wait")

    @staticmethod
    def _run(listener):
        try:
            sock, _ = listener.accept()
            info(sock)
            sock.sendall(sock.recv(100))
            return 0
        except OSError as error:
            print(f"# {listener.getsockname()}: {error!r}", flush=True)
            return 1

    def is_asleep(self):
        """Or else it has ended. A process that a connection stirs may run for a moment."""
        state = "R"
        while state not in "SZ":
            time.sleep(0.01)
            state = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2][0]
        return state == "S"

    def connect(self):
        sock = socket.socket(self.family)
        sock.settimeout(PATIENCE_S)
        sock.connect(self.address)
        return sock

    def exchange(self):
        """The client's end is strict: an answer is an upgraded one. It comes from whoever sleeps on this listener."""
        with self.connect() as sock:
            sock.sendall(b"awake?")
            answer = sock.recv(100)
        status = os.waitstatus_to_exitcode(os.wait()[1])
        if answer != b"awake?" or status:
            raise AssertionError(f"{answer!r}, and exit status {status}")

    def kill(self):
        """Whether or not it has ended."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def listen(port, host="127.0.0.1"):
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def limited(port):
    """As long as the wait has a limit a signal is told as EINTR, and Python asks once more."""
    listener = listen(port)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", SLEEP_LIMIT_S, 0))
    return listener


class Namespace:
    """A network namespace with nothing but a loopback in it."""

    def __init__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        call(libc.unshare, CLONE_NEWNET)
        with socket.socket() as sock:
            request = struct.pack("16sh22x", b"lo", IFF_UP)
            call(libc.ioctl, sock.fileno(), SIOCSIFFLAGS, request)
        self.there = os.open("/proc/self/ns/net", os.O_RDONLY)
        call(libc.setns, self.home, CLONE_NEWNET)

    def __enter__(self):
        call(libc.setns, self.there, CLONE_NEWNET)

    def __exit__(self, *_):
        call(libc.setns, self.home, CLONE_NEWNET)


def bpf(command, attributes):
    return call(libc.syscall, SYS_BPF, command, attributes, len(attributes))


def sockmap(listener):
    """A new map with this socket in it."""
    descriptor = bpf(BPF_MAP_CREATE, struct.pack("4I", BPF_MAP_TYPE_SOCKMAP, 4, 4, 1).ljust(64, b"\0"))
    key, value = ctypes.c_uint32(0), ctypes.c_uint32(listener.fileno())
    bpf(BPF_MAP_UPDATE_ELEM, struct.pack("I4x3Q", descriptor, ctypes.addressof(key), ctypes.addressof(value), 0))
    return descriptor


def sleep_goes_on(sleeper):
    """A denied connection is reset, and nobody is woken up by it."""
    try:
        with sleeper.connect() as sock:
            data = sock.recv(100)
    except ConnectionResetError:
        data = None
    asleep = sleeper.is_asleep()
    if data is not None or not asleep:
        raise AssertionError(f"{data!r} came, and the process is {'still' if asleep else 'not'} asleep")


def taken_by_a_copy(listener):
    """One that is kept and one that is closed at once, each when its handshake is over."""
    address = listener.getsockname()
    with socket.create_connection(address, PATIENCE_S) as kept, socket.create_connection(address, PATIENCE_S) as closed:
        for client in (kept, closed):
            info(client)
        server, _ = listener.accept()
        listener.accept()[0].close()
        server.settimeout(PATIENCE_S)
        try:
            with server:
                data = server.recv(100)
        except (ConnectionResetError, ConnectionAbortedError):
            return
        raise AssertionError(f"{data!r} came, and no reset")


def modules_go():
    """What the last close() set free may take a moment: the kernel tells nobody when a count falls to zero."""
    deadline = time.monotonic() + UNLOAD_S
    while subprocess.run(["rmmod", "hauberk"], stderr=subprocess.DEVNULL, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError(f"hauberk.ko cannot be unloaded after {UNLOAD_S} s")
        time.sleep(0.1)
    subprocess.run(["rmmod", "bearssl"], check=True)


def within(namespace, function):
    with namespace:
        function()


def main():
    CGROUP_ROOT.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "cgroup2", "none", CGROUP_ROOT], check=True)
    namespace = Namespace()
    with namespace:
        elsewhere = listen(7105)
    shared, copied = listen(7103), listen(SOCKMAP_PORT)
    descriptor = sockmap(copied)
    modules_go()
    sleepers = {"IPv4": listen(7100), "IPv6": listen(7101, "::1"), "a limit": limited(7102), "the first of two": shared,
                "the second of two": shared, "another namespace": elsewhere, "a control group": listen(GROUP_PORT)}
    sleepers = {name: Sleeper(listener) for name, listener in sleepers.items()}
    denied = Sleeper(listen(DENIED_PORT))
    load()
    push()
    cases = {f"asleep: {name}": sleeper.exchange for name, sleeper in sleepers.items()}
    cases["asleep: another namespace"] = lambda: within(namespace, sleepers["another namespace"].exchange)
    cases["asleep: a denied port"] = lambda: sleep_goes_on(denied)
    cases["accepted by a sockmap's copy"] = lambda: taken_by_a_copy(copied)
    cases["the modules go"] = modules_go
    tap = Tap()
    for name, case in cases.items():
        problem = None
        try:
            case()
        except Exception as error:  # a failed check must not hide the others
            problem = f"{type(error).__name__}: {error}"
        tap.check(name, problem)
    os.close(descriptor)
    for sleeper in (*sleepers.values(), denied):
        sleeper.kill()
    load()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
