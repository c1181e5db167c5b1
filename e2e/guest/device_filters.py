#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Filters under sockets: what passes them, what they hold, how they fail, how connections end. Prints TAP.

    program ---- lo ---- program, both in this process; rules say what is between them

Ports 7400 to 7417. Wants modules/raw.wasm, and bearssl, wasm and hauberk loaded.
"""

import contextlib
import errno
import itertools
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time
import traceback

import device_pki
from device_tap import Tap
from hbk_device import OFF, ON_TLS_PASSTHROUGH, OUTBOUND, PERMISSIVE, STRICT, Device, Refused, Rule, table

HERE = os.path.dirname(os.path.abspath(__file__))
HOST, TIMEOUT = "127.0.0.1", 30
PLAIN, OUT, OPEN, REFUSING, CHAIN, ALONE, TLS, MIXED, TWICE, EIGHT, HTTP, HTTPS, \
    SLOW, CALLS, SINK, LATE, LATE_OUT, TLS_IN = range(7400, 7418)
KERNEL, OWN = 0, 1
CLOSE_WAIT = 8          # of TCP: the peer's end has come
CUT_OFF_S = 1.5         # less than filters wait for the end of whom they have answered
BUDGET = 100000000
TRAPS = 20              # more than the engine forgives a guest
CALLS_OF_ONE, CALLS_OF_ALL = 64, 256    # HTTP calls under way of a VM, and of all VMs of a filter

PKI = device_pki.Pki()
SPIFFE = "spiffe://example.org/"


def entry(name, config, **more):
    return [("NAME", name), ("MODULE", b"raw"), ("CONFIG", config), ("BUDGET", BUDGET), *more.items()]


FILTERS = [entry("swap", b"x"), entry("again", b"x"), entry("pass", b"o"), entry("open", b"x", ON_FAILURE=1, BUDGET=20000),
           entry("refusing", b"-"), entry("alone", b"x", ISOLATION=1), entry("http", b"o", MODE=1),
           entry("slow", b"x", ISOLATION=1, ON_FAILURE=1, BUDGET=10000000), entry("calls", b"x", ISOLATION=1),
           entry("late", b"l")]
UPSTREAM = [("NAME", "sink"), ("ADDRESS", bytes(10) + b"\xff\xff" + socket.inet_aton(HOST)), ("PORT", SINK)]


def entries():
    """An attribute may be given once: the last one counts."""
    return [list(dict(attributes).items()) for attributes in FILTERS]


def at(port):
    return ((port, port),)


def rules():
    peers = [f"{SPIFFE}*"]
    return [
        Rule("plain", action=OFF, ports=at(PLAIN), filters=("swap",)),
        Rule("out", OUTBOUND, OFF, at(OUT), filters=("swap",)),
        Rule("open", action=OFF, ports=at(OPEN), filters=("open",)),
        Rule("refusing", action=OFF, ports=at(REFUSING), filters=("refusing",)),
        Rule("chain", action=OFF, ports=at(CHAIN), filters=("swap", "pass", "again")),
        Rule("alone", action=OFF, ports=at(ALONE), filters=("alone",)),
        Rule("tls", action=STRICT, ports=at(TLS), identity="server", peers=peers, filters=("swap",)),
        Rule("tls-out", OUTBOUND, STRICT, at(TLS), "client", None, peers),
        Rule("tls-in", action=STRICT, ports=at(TLS_IN), identity="server", peers=peers, filters=("swap",)),
        Rule("mixed", action=PERMISSIVE, ports=at(MIXED), identity="server", peers=peers, filters=("swap",)),
        Rule("twice", action=OFF, ports=at(TWICE), filters=("swap", "swap")),
        Rule("http", action=OFF, ports=at(HTTP), filters=("http",)),
        Rule("https", action=STRICT, ports=at(HTTPS), identity="server", peers=peers, filters=("http",)),
        Rule("https-out", OUTBOUND, STRICT, at(HTTPS), "client", None, peers),
        Rule("calls", action=OFF, ports=at(CALLS), filters=("calls",)),
        Rule("slow", action=OFF, ports=at(SLOW), filters=("slow",)),
        Rule("late", action=OFF, ports=at(LATE), filters=("late",)),
        Rule("late-out", OUTBOUND, OFF, at(LATE_OUT), filters=("late",)),
        Rule("eight", action=OFF, ports=at(EIGHT), filters=("swap", "again", "pass", "swap", "again", "pass", "alone", "alone")),
    ]


def push(device, layer=KERNEL):
    identities = [(name, SPIFFE + name, [PKI.cert(name)], PKI.key(name)) for name in ("server", "client")]
    return device.push(table(rules()), [PKI.cert("ca")], identities, [("RECORD_LAYER", layer)], entries(), [UPSTREAM])


def expect(value, wanted):
    if value != wanted:
        raise AssertionError(f"{value!r} instead of {wanted!r}")


@contextlib.contextmanager
def pair(port):
    """A client and a server who are connected."""
    with socket.create_server((HOST, port)) as listener:
        client = socket.create_connection((HOST, port), TIMEOUT)
        server, _ = listener.accept()
    server.settimeout(TIMEOUT)
    with client, server:
        yield client, server


def read(sock, count):
    data = b""
    while len(data) < count and (piece := sock.recv(65536)):
        data += piece
    return data


def read_all(sock):
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def until_asleep(thread):
    """A thread that does nothing but read is in its system call then, and waits."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        with open(f"/proc/self/task/{thread.native_id}/stat") as file:
            if file.read().rpartition(")")[2].split()[0] == "S":
                return
        time.sleep(0.01)
    raise AssertionError("a reader does not wait")


def until_state(sock, state):
    """What a loopback delivers may come later than send() and shutdown() return."""
    deadline = time.monotonic() + TIMEOUT
    while (now := sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]) != state and time.monotonic() < deadline:
        time.sleep(0.01)
    expect(now, state)


def meets(code, action):
    try:
        result = action()
    except OSError as error:
        expect(error.errno, code)
    else:
        raise AssertionError(f"{result!r} instead of {errno.errorcode[code]}")


def status(device, name):
    return next(frame for frame in device.ask("FILTERS") if frame.get("NAME") == name)


def what_is_received_passes_them(_):
    with pair(PLAIN) as (client, server):
        client.sendall(b"hello")
        expect(read(server, 5), b"HELLO")
        server.sendall(b"hello")
        expect(read(client, 5), b"hello")


def what_is_sent_passes_them(_):
    with pair(OUT) as (client, server):
        client.sendall(b"hello")
        expect(read(server, 5), b"HELLO")


def they_come_one_after_the_other(_):
    for port, wanted in ((CHAIN, b"hello"), (TWICE, b"hello"), (EIGHT, b"hello"), (ALONE, b"HELLO")):
        with pair(port) as (client, server):
            client.sendall(b"hello")
            expect(read(server, 5), wanted)


def records_lie_below_them(device):
    for layer in (KERNEL, OWN):
        push(device, layer)
        with pair(TLS) as (client, server):
            client.sendall(b"a" * 1000000)
            client.shutdown(socket.SHUT_WR)
            expect(read_all(server), b"A" * 1000000)
            server.sendall(b"yes")
            server.shutdown(socket.SHUT_WR)
            expect(read_all(client), b"yes")
    push(device)


def plaintext_peers_pass_them(device):
    before = [frame["PLAIN"] for frame in device.ask("STATUS") if frame.get("RULE") == "mixed"]
    with pair(MIXED) as (client, server):
        client.sendall(b"hello")
        expect(read(server, 5), b"HELLO")
    with pair(MIXED) as (client, server):
        server.sendall(b"220")
        expect(read(client, 3), b"220")
    after = [frame["PLAIN"] for frame in device.ask("STATUS") if frame.get("RULE") == "mixed"]
    expect(after[0] - before[0], 2)


def tls_that_is_passed_through_passes_them(device):
    """What only begins like TLS must not go past filters."""
    rule = Rule("tls", action=STRICT, ports=at(TLS), identity="server", peers=[f"{SPIFFE}*"], on_tls=ON_TLS_PASSTHROUGH,
                filters=("swap",))
    device.push(table([rule]), [PKI.cert("ca")], [("server", f"{SPIFFE}server", [PKI.cert("server")], PKI.key("server"))],
                filters=entries())
    message = bytes.fromhex("0303") + b"A" * 32 + bytes.fromhex("00 0002 c02f 0100")
    hello = bytes.fromhex("160301") + struct.pack(">HBBH", 4 + len(message), 1, 0, len(message)) + message
    with pair(TLS) as (client, server):
        client.sendall(hello + b"hello")
        expect(read(server, len(hello) + 5), bytes(byte ^ 0x20 if byte >= 64 else byte for byte in hello) + b"HELLO")
    expect([frame["PASSED"] for frame in device.ask("STATUS") if frame.get("RULE") == "tls"], [1])
    push(device)


def much_passes_them(_):
    with pair(PLAIN) as (client, server):
        sender = threading.Thread(target=lambda: (client.sendall(b"q" * 1000000), client.shutdown(socket.SHUT_WR)))
        sender.start()
        expect(read_all(server), b"Q" * 1000000)
        sender.join()
        expect(server.recv(1), b"")


def who_polls_is_told_of_what_has_passed(_):
    with pair(PLAIN) as (client, server):
        poll = select.poll()
        poll.register(server, select.POLLIN | select.POLLRDHUP)
        expect(poll.poll(0), [])
        client.sendall(b"ab~")
        server.setblocking(False)
        expect(poll.poll(TIMEOUT * 1000), [(server.fileno(), select.POLLIN)])
        expect(server.recv(2, socket.MSG_PEEK), b"AB")
        expect(server.recv(10), b"AB~")
        meets(errno.EAGAIN, lambda: server.recv(1))
        expect(poll.poll(0), [])


def edges_are_told(_):
    with pair(PLAIN) as (client, server), select.epoll() as epoll:
        server.setblocking(False)
        epoll.register(server, select.EPOLLIN | select.EPOLLET)
        epoll.poll(0)
        for _ in range(20):
            client.sendall(b"a~")
            data = b""
            while len(data) < 2:
                if not epoll.poll(TIMEOUT):
                    raise AssertionError(f"no edge after {data!r}")
                with contextlib.suppress(BlockingIOError):
                    data += server.recv(100)
            expect(data, b"A~")


def a_pause_holds_and_the_tick_lets_go(_):
    with pair(PLAIN) as (client, server):
        server.settimeout(None)
        client.sendall(b"one~")
        expect(read(server, 4), b"ONE~")


def the_end_comes_behind_what_is_held(_):
    for port in (PLAIN, OUT):
        with pair(port) as (client, server):
            client.sendall(b"last~")
            client.shutdown(socket.SHUT_WR)
            expect(read_all(server), b"LAST~")
            server.sendall(b"half open")
            expect(read(client, 9), b"half open")
            meets(errno.EPIPE, lambda: client.send(b"x"))


def an_answer_lets_the_request_go(_):
    """The filter does so in the answer's callback. Who waits, in recv() or in poll(), gets bytes or the end alone."""
    for port, sent, timeout in itertools.product((LATE, LATE_OUT), (b"request", b""), (None, TIMEOUT)):
        with pair(port) as (client, server):
            server.sendall(b"before")
            expect(read(client, 6), b"before")  # the filters are open
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            if port == LATE:
                until_state(server, CLOSE_WAIT)
            server.settimeout(timeout)
            got = []
            reader = threading.Thread(target=lambda: got.append(read_all(server)), daemon=True)
            reader.start()
            until_asleep(reader)
            server.sendall(b"answer")
            expect(read(client, 6), b"answer")
            reader.join(TIMEOUT)
            expect(got, [sent])


def close_waits_for_what_is_held(_):
    for port in (PLAIN, OUT):
        with pair(port) as (client, server):
            client.sendall(b"last~")
            client.close()
            expect(read_all(server), b"LAST~")


def a_writer_waits_for_filters_that_hold(_):
    """More than a chain and TCP take: the reader comes later."""
    with pair(OUT) as (client, server):
        client.setblocking(False)
        sent, total = 0, 0
        data = b"w" * 65536
        with contextlib.suppress(BlockingIOError):
            while total < 200000000:
                sent = client.send(data)
                total += sent
        expect(total < 200000000, True)
        poll = select.poll()
        poll.register(client, select.POLLOUT)
        expect(poll.poll(0), [])
        got = len(read(server, total))
        expect(got, total)
        expect(len(poll.poll(TIMEOUT * 1000)), 1)


def a_filter_ends_a_connection(device):
    with pair(ALONE) as (client, server):
        client.sendall(b"a#")
        expect(server.recv(10), b"")
        expect(client.recv(10), b"")


def is_answered_while_he_sends(port):
    """Not if the machine was so slow that he was cut off."""
    def serve(server):
        with server:
            read_all(server)

    with pair(port) as (client, server):
        server.settimeout(None)
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        begin = time.monotonic()
        try:
            client.sendall(b"no request\r\n\r\n")
            for _ in range(8):
                time.sleep(0.05)    # the server's end is to come in between
                client.sendall(b"x" * 50000)
            expect(read_all(client)[:12], b"HTTP/1.1 400")
            return True
        except OSError:
            if time.monotonic() - begin < CUT_OFF_S:
                raise
            return False
        finally:
            client.close()
            thread.join()


def who_is_answered_while_he_sends_gets_the_answer(device):
    """The application closes as soon as it is told of the end."""
    for layer, ports in ((KERNEL, (HTTP, HTTPS)), (OWN, (HTTPS,))):
        push(device, layer)
        for port in ports:
            expect(any(is_answered_while_he_sends(port) for _ in range(5)), True)
    push(device)


def who_never_ends_is_cut_off(_):
    with pair(HTTP) as (client, server):
        client.sendall(b"no request\r\n\r\n")
        begin = time.monotonic()
        expect(server.recv(1), b"")
        expect(1 < time.monotonic() - begin < TIMEOUT, True)
        server.close()
        expect(read_all(client)[:12], b"HTTP/1.1 400")


def read_until_told(server, client):
    """Filters see what came when somebody reads: in vain, until the client is told something."""
    server.setblocking(False)
    poll = select.poll()
    poll.register(client, select.POLLIN)
    meets(errno.EAGAIN, lambda: server.recv(1))
    while not poll.poll(10):
        meets(errno.EAGAIN, lambda: server.recv(1))


def is_answered_though_the_server_closes():
    with pair(HTTP) as (client, server):
        client.sendall(b"no request\r\n\r\n")
        closer = threading.Thread(target=server.close)
        read_until_told(server, client)
        closer.start()
        deadline = time.monotonic() + 0.4
        try:
            while time.monotonic() < deadline:
                client.sendall(b"x" * 10000)
                time.sleep(0.01)    # what is thrown away is bounded: 16 MiB
            client.shutdown(socket.SHUT_WR)
            return read_all(client)[:12] == b"HTTP/1.1 400"
        except OSError:
            return False
        finally:
            closer.join()


def who_closes_waits_for_a_client_that_was_answered(_):
    """As long as it is heard of: a machine that stands still for a while makes it look silent."""
    expect(any(is_answered_though_the_server_closes() for _ in range(5)), True)


def closes_soon():
    """The filter has ended the connection; this client leaves its own end open, and is silent."""
    with pair(ALONE) as (client, server):
        client.sendall(b"a#")
        read_until_told(server, client)
        expect(client.recv(10), b"")
        begin = time.monotonic()
        server.close()
        return time.monotonic() - begin < 0.5


def close_waits_for_nobody_who_has_nothing_to_send(_):
    """It would take a second each time; here a machine that stands still for a while makes it look long."""
    expect(any(closes_soon() for _ in range(5)), True)


def a_trap_resets_where_the_rule_says_so(device):
    before = status(device, "swap")
    with pair(PLAIN) as (client, server), pair(PLAIN) as (other, beside):
        for sender, receiver in ((client, server), (other, beside)):
            sender.sendall(b"a")
            expect(read(receiver, 1), b"A")
        client.sendall(b"!")
        meets(errno.ECONNRESET, lambda: server.recv(1))
        meets(errno.ECONNRESET, lambda: client.recv(1))
        # Who shares the instance fails with it.
        meets(errno.ECONNRESET, lambda: beside.recv(1))
    after = status(device, "swap")
    expect(after["FAILED"] - before["FAILED"], 2)
    expect(after["TRAPS"] - before["TRAPS"], 1)
    what_is_received_passes_them(device)


def a_trap_is_passed_where_the_rule_says_so(device):
    before = status(device, "open")
    for last in (b"!", b"%"):
        with pair(OPEN) as (client, server):
            client.sendall(b"ab")
            expect(read(server, 2), b"AB")
            client.sendall(b"ab" + last)
            expect(read(server, 3), b"ab" + last)
            client.sendall(b"cd")
            expect(read(server, 2), b"cd")
    expect(status(device, "open")["BYPASSED"] - before["BYPASSED"], 2)


def what_cannot_be_configured_refuses(device):
    # How far either end comes before it is refused is a matter of who is quicker.
    with socket.create_server((HOST, REFUSING)) as listener, contextlib.suppress(ConnectionResetError):
        listener.settimeout(5)
        with socket.create_connection((HOST, REFUSING), TIMEOUT), contextlib.suppress(OSError):
            server, _ = listener.accept()
            with server:
                server.settimeout(TIMEOUT)
                meets(errno.ECONNRESET, lambda: server.recv(1))
    expect(status(device, "refusing")["FAILED"] > 0, True)


def failures_are_told(device):
    with Device() as follower:
        follower.ask("FOLLOW")
        with pair(ALONE) as (client, server):
            client.sendall(b"!")
            meets(errno.ECONNRESET, lambda: server.recv(1))
        events = {}
        while "EVENT_CLOSED" not in events:
            expect(follower.readable(TIMEOUT), True)
            event = follower.read()
            events[event["frame"]] = event
    failed = events["EVENT_FILTER_FAILED"]
    expect((failed["NAME"], failed["RULE"], failed["TRAP"], failed["REASON"]),
           ("alone", "alone", "unreachable", "connection-failed"))
    expect(failed["CONNECTION_ID"], events["EVENT_CLOSED"]["CONNECTION_ID"])
    expect((events["EVENT_CLOSED"]["REASON"], events["EVENT_CLOSED"]["SUITE"]), ("filter", 0))


def who_finds_no_stack_waits_for_one(device):
    """Guests' calls need a stack each. Here are more calls at a time than stacks, and no memory for more."""
    before = {name: status(device, name)["TRAPS"] for name in ("swap", "slow")}
    with contextlib.ExitStack() as stack, open("/sys/module/wasm/parameters/memory_max", "r+") as limit:
        slow = [stack.enter_context(pair(SLOW)) for _ in range(4)]
        client, server = stack.enter_context(pair(PLAIN))
        for sender, receiver in (*slow, (client, server)):
            sender.sendall(b"a")
            expect(read(receiver, 1), b"A")     # their guests have been started
        usual = limit.read()
        limit.seek(0)
        print(0, file=limit, flush=True)
        try:
            readers = [threading.Thread(target=server.recv, args=(1,)) for _, server in slow]
            for reader, (sender, _) in zip(readers, slow):
                sender.sendall(b"%")
                reader.start()
            while any(reader.is_alive() for reader in readers):
                client.sendall(b"hello")
                expect(read(server, 5), b"HELLO")
            for reader in readers:
                reader.join()
        finally:
            limit.seek(0)
            print(usual.strip(), file=limit, flush=True)
    expect(status(device, "swap")["TRAPS"], before["swap"])
    expect(status(device, "slow")["TRAPS"], before["slow"] + len(slow))


def calls_are_bounded(_):
    """Nobody answers them: the sink does not even accept."""
    with socket.create_server((HOST, SINK), backlog=2 * CALLS_OF_ALL):
        with contextlib.ExitStack() as stack:
            for _ in range(CALLS_OF_ALL // CALLS_OF_ONE):
                client, server = stack.enter_context(pair(CALLS))
                client.sendall(b"$" * CALLS_OF_ONE)
                expect(read(server, CALLS_OF_ONE), b"$" * CALLS_OF_ONE)
            client, server = stack.enter_context(pair(CALLS))
            client.sendall(b"$")
            expect(server.recv(1), b"")
        deadline = time.monotonic() + TIMEOUT
        data = b""
        while not data and time.monotonic() < deadline:     # until the calls of those connections are cut off
            with pair(CALLS) as (client, server):
                client.sendall(b"$")
                client.shutdown(socket.SHUT_WR)
                data = read_all(server)
        expect(data, b"$")


def the_end_of_records_is_the_end_for_who_polls(device):
    """A close_notify without a FIN, which a poller takes out of the records."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(PKI.path / "client.crt", PKI.path / "client.key")
    for layer in (KERNEL, OWN):
        push(device, layer)
        with pair(TLS_IN) as (client, server):
            reader = []
            thread = threading.Thread(target=lambda: reader.append(server.recv(5)))
            thread.start()
            with context.wrap_socket(client) as tls:
                tls.sendall(b"hello")
                thread.join()
                expect(reader, [b"HELLO"])
                poll = select.poll()
                poll.register(server, select.POLLIN)
                expect(poll.poll(0), [])
                tls.setblocking(False)
                with contextlib.suppress(ssl.SSLWantReadError):
                    tls.unwrap()
                expect(poll.poll(TIMEOUT * 1000), [(server.fileno(), select.POLLIN)])
                server.setblocking(False)
                expect(server.recv(1), b"")
    push(device)


def who_waits_is_not_woken_for_nothing(_):
    """Each wake-up is an edge for who polls, as long as there is something to read."""
    with pair(OUT) as (client, server), select.epoll() as epoll:
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                client.send(b"w" * 65536)
        server.sendall(b"a")
        epoll.register(client, select.EPOLLIN | select.EPOLLET)
        while epoll.poll(0.5):
            pass
        edges = 0
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            edges += len(epoll.poll(0.1))
        expect(edges, 0)


def metrics_are_told(device):
    with pair(TWICE) as (client, server):
        client.sendall(b"hello")
        read(server, 5)
    found = {frame["VM_ID"]: frame for frame in device.ask("METRICS") if frame["frame"] == "METRIC"}
    expect(found["swap"]["NAME"], "raw_bytes")
    expect(found["swap"]["VALUE"] >= 10, True)


def metrics_outlive_a_push(device):
    def value():
        return next(frame["VALUE"] for frame in device.ask("METRICS") if frame["frame"] == "METRIC" and frame["VM_ID"] == "swap")

    before = value()
    expect(before > 0, True)
    push(device)
    expect(value(), before)
    what_is_received_passes_them(device)
    expect(value(), before + 5)


def trials_that_trap_are_nothing_against_it(device):
    script = b'plugin_config "x"\nstart\nopen\ndown "!"\n'
    for _ in range(TRAPS):
        lines = b"".join(frame["DATA"] for frame in device.ask("FILTER_TRY", ("NAME", "raw"), ("DATA", script))
                         if frame["frame"] == "FILTER_LINES")
        expect(b"trap unreachable" in lines, True)
    expect(status(device, "swap")["QUARANTINED"], 0)
    what_is_received_passes_them(device)


def a_push_leaves_connections_their_filters(device):
    with pair(PLAIN) as (client, server):
        client.sendall(b"ab")
        expect(read(server, 2), b"AB")
        device.push(table([Rule("plain", action=OFF, ports=at(PLAIN), filters=("pass",))]), filters=entries())
        with pair(PLAIN) as (later, its_server):
            later.sendall(b"ab")
            expect(read(its_server, 2), b"ab")
        client.sendall(b"cd~")
        expect(read(server, 3), b"CD~")
    push(device)


def a_guest_in_use_stays(device):
    try:
        device.ask("WASM_UNLOAD", ("NAME", "raw"))
    except Refused as refused:
        expect(refused.errno, errno.EBUSY)
    else:
        raise AssertionError("it was unloaded")


def pushes_that_make_no_sense(device):
    cases = [
        (errno.ENOENT, "rule 0 (r)", [Rule("r", filters=("nobody",))], []),
        (errno.ENOENT, "filter none", [], [[("NAME", "none"), ("MODULE", b"nobody")]]),
        (errno.EEXIST, "filter swap", [], [entry("swap", b""), entry("swap", b"")]),
        (errno.EINVAL, "rule 0 (r)", [Rule("r", filters=("one", "two"))],
         [[("NAME", "one"), ("MODULE", b"raw")], [("NAME", "two"), ("MODULE", b"raw"), ("MODE", 1)]]),
    ]
    generation = device.generation()
    for code, item, some, filters in cases:
        try:
            device.push(table(some), filters=filters)
        except Refused as refused:
            expect((refused.errno, refused.item), (code, item))
            device.ask("ABORT")
        else:
            raise AssertionError(f"{item} was taken")
    expect(device.generation(), generation)


def connections_come_and_go_under_pushes(device):
    faults, stop = [], threading.Event()

    def client(listener):
        while not stop.is_set():
            try:
                with socket.create_connection((HOST, CHAIN), TIMEOUT) as sock:
                    for _ in range(5):
                        sock.sendall(b"hello")
                        expect(read(sock, 5), b"hello")
            except Exception:  # told below
                faults.append(traceback.format_exc())
                return

    def serve(server):
        with server:
            with contextlib.suppress(OSError):
                while data := server.recv(65536):
                    server.sendall(data)

    def accept(listener):
        with contextlib.suppress(OSError):
            while True:
                server, _ = listener.accept()
                threading.Thread(target=serve, args=(server,), daemon=True).start()

    with socket.create_server((HOST, CHAIN)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        clients = [threading.Thread(target=client, args=(listener,)) for _ in range(4)]
        for thread in clients:
            thread.start()
        for _ in range(20):
            push(device)
            time.sleep(0.05)
        stop.set()
        for thread in clients:
            thread.join()
        listener.shutdown(socket.SHUT_RDWR)
    expect(faults, [])


def nothing_is_left(device):
    device.push(table([]))
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            device.ask("WASM_UNLOAD", ("NAME", "raw"))
            return
        except Refused as refused:
            expect(refused.errno, errno.EBUSY)
            if time.monotonic() > deadline:
                raise
            select.select([], [], [], 0.1)


CASES = (what_is_received_passes_them, what_is_sent_passes_them, they_come_one_after_the_other, records_lie_below_them,
         plaintext_peers_pass_them, tls_that_is_passed_through_passes_them, much_passes_them, who_polls_is_told_of_what_has_passed, edges_are_told,
         a_pause_holds_and_the_tick_lets_go, the_end_comes_behind_what_is_held, an_answer_lets_the_request_go,
         close_waits_for_what_is_held,
         a_writer_waits_for_filters_that_hold, a_filter_ends_a_connection,
         who_is_answered_while_he_sends_gets_the_answer, who_never_ends_is_cut_off, who_closes_waits_for_a_client_that_was_answered,
         close_waits_for_nobody_who_has_nothing_to_send,
         a_trap_resets_where_the_rule_says_so,
         a_trap_is_passed_where_the_rule_says_so, what_cannot_be_configured_refuses, failures_are_told,
         who_finds_no_stack_waits_for_one, calls_are_bounded, the_end_of_records_is_the_end_for_who_polls,
         who_waits_is_not_woken_for_nothing, metrics_are_told, metrics_outlive_a_push, trials_that_trap_are_nothing_against_it,
         a_push_leaves_connections_their_filters, a_guest_in_use_stays, pushes_that_make_no_sense,
         connections_come_and_go_under_pushes, nothing_is_left)


def main():
    PKI.ca("ca")
    for name in ("server", "client"):
        PKI.leaf(name, f"URI:{SPIFFE}{name}")
    tap = Tap()
    with Device() as device:
        with open(f"{HERE}/modules/raw.wasm", "rb") as file:
            device.load("raw", file.read())
        push(device)
        for case in CASES:
            tap.run(case, device)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
