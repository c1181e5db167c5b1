# SPDX-License-Identifier: Apache-2.0
"""Lets each place of the data path fail, and looks for plaintext. Run as root in the guest; prints TAP.

    program ---- port 7300, strict both ways, lo ---- program
                            |
                     AF_PACKET: the wire

Wants the hauberk.ko of an INJECT=1 build: load-modules inject. Whatever fails, each end of a connection gets an
error or the right bytes, soon; the wire never carries the bytes themselves; and afterwards all is as it was.
"""

import contextlib
import errno
import itertools
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback

import device_pki
from device_tap import Tap
from hbk_device import DENY, INBOUND, OUTBOUND, STRICT, Device, Refused, Rule, table
from socket_info import info

HERE = os.path.dirname(os.path.abspath(__file__))
HOST, BOTH, OUT, IN = "127.0.0.1", 7300, 7301, 7302
TIMEOUT = 20
EXCHANGES_MAX = 6
HANDSHAKE_MS = 10000
PARAMETER = pathlib.Path("/sys/module/hauberk/parameters/inject")
SO_RCVBUFFORCE, ETH_P_ALL = 33, 3
SO_ZEROCOPY, MSG_ZEROCOPY = 60, 0x4000000

MARKER = b"plain as day... "    # any 31 bytes of many of them hold one
PAYLOAD = MARKER * 200
KERNEL, OWN = 0, 1
LAYER_NAMES = {KERNEL: "kTLS", OWN: "our own records"}

# Where a place is not on the way of both layers, and where it takes an exchange of another kind.
ONLY = {"ktls-stand-in": KERNEL, "ktls-absent": KERNEL, "ktls-ulp": KERNEL, "ktls-send-key": KERNEL,
        "ktls-receive-key": KERNEL, "own": OWN, "own-record": OWN, "own-decrypt": OWN, "own-send": OWN,
        "own-alert": OWN}
AT_A_PUSH = {"session-cache": False, "filter": True, "filter-config": True, "filter-chains": False}  # with filters, or also without
ELSEWHERE = {"filter-hosts", "filter-call", "filtering-reset"}    # when the module is loaded; when a filter calls out; in a case of its own
NOT_NEEDED = {"session"}    # without it there is no session, and nothing worse

PKI = device_pki.Pki()


def identities():
    return [(name, f"spiffe://example.org/{name}", [PKI.cert(name), PKI.cert("mid")], PKI.key(name))
            for name in ("client", "server")]


def needs_filters(name):
    return name.startswith("filter")


def filter_entry(name, config, isolation):
    return [("NAME", name), ("MODULE", b"raw"), ("CONFIG", config), ("ISOLATION", isolation)]


PASS = filter_entry("pass", b"o", 1)
SHARED = filter_entry("shared", b"x", 0)    # one guest for all connections; "!" is a trap


def push(layer=KERNEL, action=STRICT, inbound=(), outbound=()):
    peers = ["spiffe://example.org/client", "spiffe://example.org/server"]
    ports = ((BOTH, OUT),)
    if action == DENY:
        rules = [Rule("in", INBOUND, DENY, ((BOTH, IN),)), Rule("out", OUTBOUND, DENY, ports)]
    else:
        inbound_names, outbound_names = ([dict(entry)["NAME"] for entry in entries] for entries in (inbound, outbound))
        rules = [Rule("in", INBOUND, STRICT, ((BOTH, BOTH), (IN, IN)), "server", None, peers, filters=inbound_names),
                 Rule("out", OUTBOUND, STRICT, ports, "client", None, peers, filters=outbound_names)]
    with Device() as device:
        return device.push(table(rules), [PKI.cert("ca")], identities(),
                           [("HANDSHAKE_TIMEOUT_MS", HANDSHAKE_MS), ("RECORD_LAYER", layer)], inbound or outbound)


def both_ends(filtered):
    return {"inbound": (PASS,), "outbound": (PASS,)} if filtered else {}


def expect(value, wanted):
    if value != wanted:
        raise AssertionError(f"{value!r} instead of {wanted!r}")


class Wire:
    """Everything that passes the loopback device."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.bind(("lo", 0))
        self.sock.setblocking(False)

    def frames(self):
        """Those since the last look."""
        frames = []
        with contextlib.suppress(BlockingIOError):
            while True:
                frames.append(self.sock.recv(1 << 17))
        return frames

    def expect_no_plaintext(self):
        frames = self.frames()
        expect(any(MARKER in frame for frame in frames), False)
        return len(frames)


def points():
    """How often each place has failed since it was told to."""
    return {name: int(count) for name, count in (line.split() for line in PARAMETER.read_text().splitlines())}


@contextlib.contextmanager
def pair():
    """The two ends of a connection that bytes have gone through."""
    with socket.create_server((HOST, BOTH)) as listener:
        client = socket.create_connection((HOST, BOTH), TIMEOUT)
        server, _ = listener.accept()
    with client, server:
        server.settimeout(TIMEOUT)
        client.sendall(b"a")
        expect(server.recv(1), b"A")
        yield client, server


@contextlib.contextmanager
def armed(order):
    PARAMETER.write_text(order)
    try:
        yield
    finally:
        PARAMETER.write_text("none")


def read_all(sock, splice):
    """The payload or less of it; the way of splice(2) if asked."""
    data = b""
    if not splice:
        while len(data) < len(PAYLOAD) and (piece := sock.recv(65536)):
            data += piece
        return data
    readable, writable = os.pipe()
    try:
        sock.setblocking(True)
        while len(data) < len(PAYLOAD) and (moved := os.splice(sock.fileno(), writable, 65536)):
            data += os.read(readable, moved)
    finally:
        os.close(readable)
        os.close(writable)
    return data


def exchange(name=""):
    """
    One connection there and back, as the place of this name needs it. Returns the errno that one of the ends met, or 0 if all was well, and whether kTLS
    carried it; what is neither is a fault.
    """
    faults, seen, gave_up = [], [], []

    def serve(listener):
        try:
            server, _ = listener.accept()
        except OSError:
            return
        with server:
            server.settimeout(TIMEOUT)
            try:
                data = read_all(server, name.startswith("splice"))
                seen.append(data)
                if data == PAYLOAD:
                    server.sendall(data)
            except TimeoutError:
                faults.append("the server waits for ever")
            except OSError as error:
                gave_up.append(error)

    outcome, ktls, short = 0, None, False
    with socket.create_server((HOST, BOTH)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            with socket.create_connection((HOST, BOTH), TIMEOUT) as client:
                if name == "zerocopy":
                    client.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
                client.sendall(PAYLOAD, MSG_ZEROCOPY if name == "zerocopy" else 0)
                data = read_all(client, False)
                short = data != PAYLOAD
                ktls = info(client).ktls
        except TimeoutError:
            faults.append("the client waits for ever")
        except OSError as error:
            outcome = error.errno
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(2 * TIMEOUT)
    faults += ["other bytes came"] * any(not PAYLOAD.startswith(data) for data in seen)
    faults += ["an end that nobody made"] * (short and not gave_up)
    expect(faults, [])
    return outcome or (gave_up[0].errno if gave_up else 0), ktls


def try_point(wire, name, layer, count):
    """A full handshake and one that may resume, with the place failing; then with all in order. Where the one end's
    failure may be the other's end before it comes to the place, there are some more."""
    push(layer, **both_ends(needs_filters(name)))
    wire.frames()
    with armed(f"{name}:{count}" if count else name):
        outcomes = [exchange(name) for _ in range(2)]
        while points()[name] < (count or 1) and len(outcomes) < EXCHANGES_MAX:
            outcomes.append(exchange(name))
        hits = points()[name]
    wire.expect_no_plaintext()
    for _ in range(2):
        expect(exchange(name), (0, int(layer == KERNEL)))
    expect(wire.expect_no_plaintext() > 0, True)
    return hits, outcomes


def each_point(wire, tap):
    """Fails once, twice (which is the other end as well), and for ever."""
    for name in points():
        if name in AT_A_PUSH or name in ELSEWHERE:
            continue
        for layer in (KERNEL, OWN):
            if ONLY.get(name, layer) != layer:
                continue
            problem = None
            try:
                for count in (1, 2, None):
                    hits, outcomes = try_point(wire, name, layer, count)
                    expect(hits >= (count or 1), True)
                if name == "ktls-absent":
                    expect(outcomes, [(0, 0)] * 2)
                elif name not in NOT_NEEDED and name != "own-alert":
                    expect(any(error for error, _ in outcomes), True)
            except Exception as error:  # one place must not hide the others
                problem = "".join(traceback.format_exception(error))
            tap.check(f"{name} fails, {LAYER_NAMES[layer]}", problem)


def no_memory_for_a_push(wire):
    generation = push()
    for place, filtered in AT_A_PUSH.items():
        with armed(place):
            try:
                push(action=STRICT if filtered else DENY, **both_ends(filtered))
            except Refused as refused:
                expect(refused.errno, errno.ENOMEM)
            else:
                raise AssertionError(f"the push took effect without {place}")
            expect(points()[place], 1)
    with Device() as device:
        expect(device.generation(), generation)
    expect(exchange(), (0, 1))
    wire.expect_no_plaintext()


def comes_to(name, count):
    """Waits until so many are at that place, or have been."""
    deadline = time.monotonic() + TIMEOUT
    while points()[name] < count:
        if time.monotonic() > deadline:
            raise AssertionError(f"nobody comes to {name}")
        time.sleep(0.001)


def code_of(action):
    """Its errno, or what it returns."""
    try:
        return action()
    except OSError as error:
        return error.errno


def a_late_reset_is_no_end(_):
    """
    A filter traps, and its guest is that of another connection, too. Before these are reset nobody can make an end of
    what came so far: not who reads, nor who shuts down or closes, for his peer.
    """
    ends = (lambda sock: expect(code_of(lambda: sock.recv(1)), errno.ECONNRESET),
            lambda sock: code_of(lambda: sock.shutdown(socket.SHUT_WR)), socket.socket.close)
    for end, layer in itertools.product(ends, (KERNEL, OWN)):
        push(layer, inbound=(SHARED,))
        with contextlib.ExitStack() as stack:
            (trapping, server), (client, other) = (stack.enter_context(pair()) for _ in range(2))
            with armed("filtering-reset:2"):
                trapping.sendall(b"!")
                got = []
                reader = threading.Thread(target=lambda: got.append(code_of(lambda: server.recv(1))), daemon=True)
                reader.start()
                comes_to("filtering-reset", 2)
                end(other)
                expect(code_of(lambda: client.recv(1)), errno.ECONNRESET)
                reader.join(TIMEOUT)
                expect(got, [errno.ECONNRESET])


class RawTls:
    """OpenSSL's part of a handshake, moved by hand so that it can stop in the middle."""

    def __init__(self, sock, server):
        purpose = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
        context = ssl.SSLContext(purpose)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(str(PKI.path / "ca.crt"))
        name = "server" if server else "client"
        chain = PKI.path / f"{name}.chain"
        chain.write_text("".join((PKI.path / f"{part}.crt").read_text() for part in (name, "mid")))
        context.load_cert_chain(chain, PKI.path / f"{name}.key")
        self.sock, self.incoming, self.outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server)

    def step(self, action):
        """Whether it was done; what is to be sent is sent."""
        try:
            return action()
        except ssl.SSLWantReadError:
            return None
        finally:
            self.sock.sendall(self.outgoing.read())

    def until(self, action):
        while (result := self.step(action)) is None:
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionResetError("the end came in the middle")
            self.incoming.write(data)
        return result

    def handshake(self):
        self.until(lambda: self.tls.do_handshake() or True)


def swap_while_we_connect(wire, after):
    """The peer answers only after the rules have changed: the connection is of the generation that it began in."""
    generation = push()
    with socket.create_server((HOST, OUT)) as listener, socket.socket() as client:
        client.setblocking(False)
        expect(client.connect_ex((HOST, OUT)), errno.EINPROGRESS)
        server, _ = listener.accept()
        with server:
            server.settimeout(TIMEOUT)
            peer = RawTls(server, True)
            peer.incoming.write(server.recv(65536))
            after()
            peer.handshake()
            client.settimeout(TIMEOUT)
            client.sendall(PAYLOAD[:1000])
            expect(peer.until(lambda: peer.tls.read(1000)), PAYLOAD[:1000])
            expect(info(client).generation, generation)
    wire.expect_no_plaintext()


def swap_while_we_accept(wire, after):
    generation = push()
    with socket.create_server((HOST, IN)) as listener, socket.create_connection((HOST, IN), TIMEOUT) as client:
        peer = RawTls(client, False)
        peer.step(peer.tls.do_handshake)
        peer.incoming.write(client.recv(65536))
        after()
        server, _ = listener.accept()
        with server:
            server.settimeout(TIMEOUT)
            peer.handshake()
            server.sendall(PAYLOAD[:1000])
            expect(peer.until(lambda: peer.tls.read(1000)), PAYLOAD[:1000])
            expect(info(server).generation, generation)
    wire.expect_no_plaintext()


def swaps_in_the_middle_of_a_handshake(wire):
    for after in (push, lambda: push(action=DENY), lambda: push(OWN)):
        swap_while_we_connect(wire, after)
        swap_while_we_accept(wire, after)


def a_controller_that_dies(wire):
    """In the middle of its push, at that; what it had pushed before stays in force."""
    generation = push()
    program = ("import sys\nfrom hbk_device import Device\ndevice = Device()\ndevice.ask('BEGIN')\n"
               "device.ask('TABLE', ('OFFSET', 0), ('DATA', bytes(64)))\nprint('begun', flush=True)\nsys.stdin.read()\n")
    controller = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    expect(controller.stdout.readline(), b"begun\n")
    controller.send_signal(signal.SIGKILL)
    controller.wait(TIMEOUT)
    with Device() as device:
        expect(device.generation(), generation)
    expect(exchange(), (0, 1))
    wire.expect_no_plaintext()


def records_of_our_own_on_demand(wire):
    push(OWN)
    expect(exchange(), (0, 0))
    push(KERNEL)
    expect(exchange(), (0, 1))
    wire.expect_no_plaintext()


def the_wire_is_seen(wire):
    """Without a rule the marker does show: the other cases can fail."""
    with Device() as device:
        device.push(table([Rule("none", INBOUND, DENY, ((1, 1),))]))
    with contextlib.suppress(OSError):
        exchange()
    expect(any(MARKER in frame for frame in wire.frames()), True)


CASES = (the_wire_is_seen, records_of_our_own_on_demand, no_memory_for_a_push, a_late_reset_is_no_end,
         swaps_in_the_middle_of_a_handshake, a_controller_that_dies)


def main():
    PKI.ca("ca")
    PKI.make("mid", device_pki.CA, issuer="ca")
    for name in ("server", "client"):
        PKI.leaf(name, f"URI:spiffe://example.org/{name}", issuer="mid")
    with Device() as device, open(f"{HERE}/modules/raw.wasm", "rb") as file:
        device.load("raw", file.read())
    tap, wire = Tap(), Wire()
    for case in CASES:
        problem = None
        try:
            case(wire)
        except Exception as error:  # a failed check must not hide the others
            problem = "".join(traceback.format_exception(error))
        tap.check(case.__name__.replace("_", " "), problem)
    each_point(wire, tap)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
