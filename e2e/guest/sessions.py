# SPDX-License-Identifier: Apache-2.0
"""Sessions, and who may resume them; sources, and how fast; what a socket tells. Run as root in the guest; prints TAP.

    port 7200   strict both ways: both ends are ours
    port 7201   strict inbound: the client is OpenSSL
    port 7202   strict outbound: the server is OpenSSL
    port 7203   as 7201, by another rule
    port 7204   no rule
"""

import base64
import contextlib
import errno
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import device_pki
from device_tap import Tap
from hbk_device import INBOUND, OUTBOUND, STRICT, Device, Rule, table
from socket_info import SIZE, SO_INFO, SO_PEER_ID, SOL_HAUBERK, info, peer_id

HOST, BOTH, IN, OUT, IN_TOO, PLAIN = "127.0.0.1", 7200, 7201, 7202, 7203, 7204
TIMEOUT = 20
HOUR = 3600
MANY_A_SECOND = 1000
TLS12 = 0x0303
PENDING_MIN, PENDING_MAX = 24000, 64000     # bytes: BearSSL's part alone, and all of it

PKI = device_pki.Pki()


def push(peers=("server", "client"), **settings):
    """A generation of its own; peers are who is allowed."""
    allowed = [f"spiffe://example.org/{name}" for name in peers]
    rules = [
        Rule("both-in", INBOUND, STRICT, ((BOTH, BOTH),), "server", None, allowed),
        Rule("in", INBOUND, STRICT, ((IN, IN),), "server", None, allowed),
        Rule("in-too", INBOUND, STRICT, ((IN_TOO, IN_TOO),), "server", None, allowed),
        Rule("out", OUTBOUND, STRICT, ((BOTH, BOTH), (OUT, OUT)), "client", None, allowed),
    ]
    settings = {"HANDSHAKE_RATE": MANY_A_SECOND, "HANDSHAKE_TIMEOUT_MS": TIMEOUT * 1000} | settings
    with Device() as device:
        return device.push(table(rules), [PKI.cert("ca")],
                           [(name, f"spiffe://example.org/{name}", [PKI.cert(name)], PKI.key(name))
                            for name in ("client", "server")], list(settings.items()))


def expect(value, wanted):
    if value != wanted:
        raise AssertionError(f"{value!r} instead of {wanted!r}")


def refused(number, call, *arguments):
    try:
        value = call(*arguments)
    except OSError as error:
        expect(errno.errorcode[error.errno], errno.errorcode[number])
    else:
        raise AssertionError(f"{value!r} instead of {errno.errorcode[number]}")


def path(name):
    return str(PKI.path / name)


@contextlib.contextmanager
def pair(source=HOST):
    """Both ends of an upgraded connection that has carried a byte each way."""
    with socket.create_server((HOST, BOTH)) as listener, \
            socket.create_connection((HOST, BOTH), TIMEOUT, (source, 0)) as client:
        server, _ = listener.accept()
        with server:
            server.settimeout(TIMEOUT)
            client.sendall(b"?")
            expect(server.recv(1), b"?")
            server.sendall(b"!")
            expect(client.recv(1), b"!")
            yield client, server


def resumed_pair():
    """Whether the two ends of a new connection say that they resumed."""
    with pair() as ends:
        return [info(end).resumed for end in ends]


class Openssl:
    """A TLS 1.2 client without tickets, as a library would be used."""

    def __init__(self, certificate="client"):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context.options |= ssl.OP_NO_TICKET
        self.context.check_hostname = False
        self.context.load_verify_locations(path("ca.crt"))
        if certificate:
            self.context.load_cert_chain(path(f"{certificate}.crt"), path(f"{certificate}.key"))

    def connect(self, session=None, port=IN):
        """One connection: whether OpenSSL resumed, its session, and what the upgraded end tells."""
        with socket.create_server((HOST, port)) as listener:
            told = []

            def serve():
                with contextlib.suppress(OSError), listener.accept()[0] as server:
                    server.settimeout(TIMEOUT)
                    data = server.recv(16)
                    told.extend((info(server), peer_id(server)))
                    server.sendall(data)

            thread = threading.Thread(target=serve)
            with socket.create_connection((HOST, port), TIMEOUT) as plain:
                thread.start()
                try:
                    with self.context.wrap_socket(plain, session=session) as client:
                        client.sendall(b"echo")
                        expect(client.recv(16), b"echo")
                        return client.session_reused, client.session, *told
                except (OSError, ValueError):
                    # What was refused before its accept() is never accepted.
                    listener.shutdown(socket.SHUT_RDWR)
                    raise
                finally:
                    thread.join(TIMEOUT)


def resumption_between_our_own_ends():
    push()
    with pair() as (client, server):
        first = [info(client), info(server)]
    with pair() as (client, server):
        second = [info(client), info(server)]
        expect(peer_id(client), "spiffe://example.org/server")
        expect(peer_id(server), "spiffe://example.org/client")
    expect([end.resumed for end in first + second], [0, 0, 1, 1])
    for before, after in zip(first, second):
        expect(after.serial, before.serial)
        expect(after.peer_not_after, before.peer_not_after)
        expect(after.suite, before.suite)
        expect(after.connection > before.connection, True)
    expect(resumed_pair(), [1, 1])


def resumption_by_openssl():
    push()
    client = Openssl()
    reused, session, first, _ = client.connect()
    expect((reused, first.resumed), (False, 0))
    reused, _, second, peer = client.connect(session)
    expect((reused, second.resumed, peer), (True, 1, "spiffe://example.org/client"))
    expect((second.serial, second.peer_not_after), (first.serial, first.peer_not_after))


def resumption_of_openssl():
    """The same with OpenSSL as the server, which asks for a certificate."""
    push()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(path("ca.crt"))
    context.load_cert_chain(path("server.crt"), path("server.key"))
    seen = []
    with socket.create_server((HOST, OUT)) as listener:

        def serve():
            for _ in range(2):
                with context.wrap_socket(listener.accept()[0], server_side=True) as server:
                    seen.append(server.session_reused)
                    server.sendall(server.recv(16))
                    server.unwrap()   # OpenSSL forgets sessions that do not end well

        thread = threading.Thread(target=serve)
        thread.start()
        for wanted in (0, 1):
            with socket.create_connection((HOST, OUT), TIMEOUT) as client:
                client.sendall(b"echo")
                expect(client.recv(16), b"echo")
                expect(info(client).resumed, wanted)
                expect(peer_id(client), "spiffe://example.org/server")
                expect(client.recv(1), b"")   # who closes with something unread resets
        thread.join(TIMEOUT)
    expect(seen, [False, True])


def s_client(*arguments, port=IN):
    return subprocess.run(["openssl", "s_client", "-connect", f"{HOST}:{port}", "-tls1_2", "-no_ticket",
                           "-CAfile", path("ca.crt"), "-verify_return_error", *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=TIMEOUT).stdout


IDENTITY = ("-cert", path("client.crt"), "-key", path("client.key"))


@contextlib.contextmanager
def accepting(port):
    """A server that takes what comes and waits for its end."""
    with socket.create_server((HOST, port)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    server, _ = listener.accept()
                    with server, contextlib.suppress(OSError):
                        server.settimeout(TIMEOUT)
                        server.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(TIMEOUT)


def s_client_reconnects():
    push()
    with accepting(IN):
        out = s_client("-reconnect", *IDENTITY)
    expect(re.findall(r"^(New|Reused), TLSv1.2", out, re.M), ["New"] + ["Reused"] * 5)


def s_server_sees_us_again():
    push()
    server = subprocess.Popen(["openssl", "s_server", "-accept", f"{HOST}:{OUT}", "-naccept", "2", "-tls1_2",
                               "-no_ticket", "-CAfile", path("ca.crt"), "-Verify", "1", "-verify_return_error",
                               "-cert", path("server.crt"), "-key", path("server.key")],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    out = ""
    while "ACCEPT" not in out:
        out += server.stdout.readline()
    resumed = []
    for _ in range(2):
        with socket.create_connection((HOST, OUT), TIMEOUT) as client:
            resumed.append(info(client).resumed)
    out, _ = server.communicate(timeout=TIMEOUT)
    expect(resumed, [0, 1])
    expect(out.count("Reused session-id"), 1)


def a_push_forgets_all_sessions():
    push()
    client = Openssl()
    _, session, _, _ = client.connect()
    expect(resumed_pair(), [0, 0])
    expect(resumed_pair(), [1, 1])
    push()
    reused, _, told, _ = client.connect(session)
    expect((reused, told.resumed), (False, 0))
    expect(resumed_pair(), [0, 0])


def who_is_no_longer_allowed_does_not_come_back():
    push()
    client = Openssl()
    _, session, _, _ = client.connect()
    push(peers=("server",))
    refused_by_us(client, session)


def refused_by_us(client, session=None, port=IN):
    """OpenSSL sees an alert or the end, and the application on our end no byte."""
    try:
        client.connect(session, port)
    except (OSError, ValueError):
        return
    raise AssertionError("the connection was opened")


def an_unknown_session_is_no_way_round_the_certificate():
    push()
    _, session, _, _ = Openssl().connect()
    push()
    anonymous = Openssl(None)
    refused_by_us(anonymous)
    with tempfile.TemporaryDirectory() as folder:
        saved = f"{folder}/session"
        with accepting(IN):
            expect("New, TLSv1.2" in s_client("-sess_out", saved, *IDENTITY), True)
            expect("Reused, TLSv1.2" in s_client("-sess_in", saved), True)
            push()
            out = s_client("-sess_in", saved)
    expect("handshake failure" in out, True)


def a_session_of_another_rule():
    push()
    client = Openssl()
    _, session, _, _ = client.connect()
    reused, _, told, _ = client.connect(session, IN_TOO)
    expect((reused, told.resumed, told.rule), (False, 0, "in-too"))
    reused, _, told, _ = client.connect(session)
    expect((reused, told.resumed, told.rule), (True, 1, "in"))


def pem_body(saved):
    return base64.b64decode(re.search("-----BEGIN.*?-----(.*?)-----END", saved.read_text(), re.S).group(1))


def a_stolen_session_id_without_its_secret():
    """The id is seen by whoever sees the wire. It opens nothing, and the session is not trusted after that."""
    push()
    with tempfile.TemporaryDirectory() as folder, accepting(IN):
        mine, theirs, forged = (pathlib.Path(folder) / name for name in ("mine", "theirs", "forged"))
        ids = []
        for saved in (mine, theirs):
            out = s_client("-sess_out", saved, *IDENTITY)
            ids.append(bytes.fromhex(re.search(r"Session-ID: ([0-9A-F]{64})", out).group(1)))
        body = pem_body(mine)
        expect(body.count(ids[0]), 1)
        forged.write_text("-----BEGIN SSL SESSION PARAMETERS-----\n"
                          + base64.encodebytes(body.replace(*ids)).decode()
                          + "-----END SSL SESSION PARAMETERS-----\n")
        out = s_client("-sess_in", forged)
        expect(re.search("bad record mac|decryption failed|decrypt error|unexpected eof", out) is not None, True)
        expect("New, TLSv1.2" in s_client("-sess_in", theirs, *IDENTITY), True)
        expect("Reused, TLSv1.2" in s_client("-sess_in", mine), True)


def none_is_kept_if_none_is_wanted():
    push(SESSION_MAX=0)
    expect(resumed_pair(), [0, 0])
    expect(resumed_pair(), [0, 0])
    with Device() as device:
        expect(device.ask("STATUS")[0]["SESSIONS"], 0)


def the_least_recently_used_goes_first():
    push(SESSION_MAX=2)
    client = Openssl()
    sessions = [client.connect()[1] for _ in range(2)]
    expect(client.connect(sessions[0])[0], True)
    sessions.append(client.connect()[1])
    with Device() as device:
        expect(device.ask("STATUS")[0]["SESSIONS"], 2)
    expect([client.connect(session)[0] for session in (sessions[2], sessions[0])], [True, True])
    expect(client.connect(sessions[1])[0], False)


@contextlib.contextmanager
def later(seconds):
    """The clock is set so much on, for a while."""
    offset = time.time() - time.monotonic()
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
    try:
        yield
    finally:
        time.clock_settime(time.CLOCK_REALTIME, time.monotonic() + offset)


def an_hour_is_the_most():
    push()
    expect(resumed_pair(), [0, 0])
    with later(HOUR - 10 * 60):
        expect(resumed_pair(), [1, 1])
    with later(HOUR + 60):
        expect(resumed_pair(), [0, 0])


def a_clock_that_goes_back():
    push()
    with later(10 * 60):
        expect(resumed_pair(), [0, 0])
    expect(resumed_pair(), [0, 0])


def no_session_outlives_a_certificate():
    """The clock is stepped past the end of the certificates, less than an hour after the full handshake."""
    push()
    with pair() as (client, _):
        end = info(client).peer_not_after
    with later(end - time.time() - 20 * 60):
        push()
        expect(resumed_pair(), [0, 0])
        expect(resumed_pair(), [1, 1])
        with later(40 * 60):
            refused(errno.ECONNRESET, resumed_pair)


def counted():
    push()
    for wanted in (0, 1, 1):
        expect(resumed_pair(), [wanted] * 2)
    with Device() as device:
        frames = device.ask("STATUS")
    resumed = {frame["RULE"]: frame["RESUMED"] for frame in frames if frame["frame"] == "RULE_STATUS"}
    expect((resumed["both-in"], resumed["out"]), (2, 2))
    expect(frames[0]["SESSIONS"], 2)


def greet(source, target=HOST, family=socket.AF_INET):
    """A ClientHello's beginning from a source: nothing comes back for it."""
    client = socket.socket(family)
    client.settimeout(TIMEOUT)
    client.bind((source, 0))
    client.connect((target, IN))
    client.sendall(b"\x16\x03\x01")
    return client


@contextlib.contextmanager
def listening(host, family=socket.AF_INET):
    """Accepts and keeps; the reasons of what is refused come out."""
    with socket.create_server((host, IN), family=family, backlog=512) as listener:
        kept, stop = [], threading.Event()

        def serve():
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    kept.append(listener.accept()[0])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(TIMEOUT)
            for server in kept:
                server.close()


def refusals(device, count):
    """So many refusals, as source and reason."""
    found = []
    while len(found) < count:
        if not device.readable(TIMEOUT):
            raise AssertionError(f"only {found}")
        event = device.read()
        if event["frame"] == "EVENT_REFUSED":
            found.append((str(event["REMOTE_ADDRESS"]), event["REASON"]))
    return found


def one_source_does_not_starve_another():
    """One a second of each source: of a crowd that comes at once most must wait, and nobody else."""
    push(HANDSHAKE_RATE=1)
    with Device() as device, listening(HOST):
        device.ask("FOLLOW")
        crowd = [greet("127.0.0.1") for _ in range(8)]
        other = greet("127.0.0.2")
        found = refusals(device, 1)
        expect(found, [("::ffff:7f00:1", "rate-limited")])
        with contextlib.suppress(ConnectionResetError):
            other.settimeout(3)
            refused(errno.EAGAIN, recv_or_again, other)
        for client in crowd:
            client.close()
        other.close()


def recv_or_again(sock):
    try:
        return sock.recv(1)
    except TimeoutError:
        raise BlockingIOError(errno.EAGAIN, "nothing came") from None


def a_network_of_ipv6_is_one_source():
    addresses = ("fd00:1::1", "fd00:1::2", "fd00:2::1")
    for address in addresses:
        subprocess.run(["ip", "-6", "addr", "add", f"{address}/128", "dev", "lo", "nodad"], check=True)
    push(HANDSHAKE_RATE=1)
    with Device() as device, listening(addresses[0], socket.AF_INET6):
        device.ask("FOLLOW")
        crowd = [greet(addresses[i % 2], addresses[0], socket.AF_INET6) for i in range(8)]
        other = greet(addresses[2], addresses[0], socket.AF_INET6)
        other.settimeout(3)
        refused(errno.EAGAIN, recv_or_again, other)
        reasons = refusals(device, 1)
        expect({reason for _, reason in reasons}, {"rate-limited"})
        for client in [*crowd, other]:
            client.close()


def a_source_that_waits_is_let_in():
    push(HANDSHAKE_RATE=1, SESSION_MAX=0)
    for _ in range(3):
        expect(resumed_pair(), [0, 0])
        time.sleep(1)   # the rule is about time, and nothing else tells of its passing


def available_bytes():
    meminfo = pathlib.Path("/proc/meminfo").read_text()
    return int(re.search(r"^MemAvailable: *(\d+) kB", meminfo, re.M).group(1)) * 1024


def a_pending_handshake_is_small():
    """Both sockets of it, their buffers and all that Hauberk adds."""
    push(HANDSHAKE_TIMEOUT_MS=600000)   # none may end before the last has begun
    many = 256
    with listening(HOST):
        before = available_bytes()
        clients = [greet(HOST) for _ in range(many)]
        deadline = time.monotonic() + 10 * TIMEOUT
        with Device() as device:
            while (pending := device.ask("STATUS")[0]["HANDSHAKES_INBOUND"]) < many and time.monotonic() < deadline:
                time.sleep(0.05)    # there is no event for it
        expect(pending, many)
        each = (before - available_bytes()) // many
        for client in clients:
            client.close()
    print(f"# {each} bytes", flush=True)
    expect(PENDING_MIN < each < PENDING_MAX, True)


def what_a_socket_tells():
    generation = push()
    with Device() as device, pair() as (client, server):
        connections = [frame for frame in device.ask("CONNECTIONS") if frame["frame"] == "CONNECTION"]
        for end, direction, rule, identity in ((client, OUTBOUND, "out", "client"),
                                               (server, INBOUND, "both-in", "server")):
            told = info(end)
            event = next(frame for frame in connections if frame["CONNECTION_ID"] == told.connection)
            expect((told.direction, told.rule, told.identity), (direction, rule, identity))
            expect((told.generation, told.version, told.suite), (generation, TLS12, event["SUITE"]))
            expect((told.serial, told.peer_not_after), (event["PEER_SERIAL"], event["PEER_NOT_AFTER"]))
            expect((told.peer_name, told.ktls), (event["PEER_NAME"], event["KTLS"]))
            expect(peer_id(end), event["PEER_ID"])


def how_a_socket_answers():
    push()
    with pair() as (client, _):
        whole = client.getsockopt(SOL_HAUBERK, SO_INFO, SIZE + 100)
        expect(len(whole), SIZE)
        expect(client.getsockopt(SOL_HAUBERK, SO_INFO, 16), whole[:16])
        wanted = b"spiffe://example.org/server\0"
        expect(client.getsockopt(SOL_HAUBERK, SO_PEER_ID, len(wanted)), wanted)
        refused(errno.ERANGE, client.getsockopt, SOL_HAUBERK, SO_PEER_ID, len(wanted) - 1)
        refused(errno.ENOPROTOOPT, client.getsockopt, SOL_HAUBERK, 3, 16)
        client.setblocking(False)
        expect(client.getsockopt(SOL_HAUBERK, SO_INFO, SIZE), whole)
    refused(errno.EOPNOTSUPP, info, socket.socket())
    refused(errno.ENOPROTOOPT, info, socket.socket(socket.AF_INET6))
    with socket.create_server((HOST, PLAIN)), socket.create_connection((HOST, PLAIN)) as plain:
        refused(errno.EOPNOTSUPP, info, plain)


def a_socket_whose_handshake_goes_on_or_failed():
    push()
    with socket.create_server((HOST, OUT)) as listener, socket.create_connection((HOST, OUT)) as client:
        client.setblocking(False)
        refused(errno.EAGAIN, info, client)
        server, _ = listener.accept()
        with server:
            server.sendall(b"no TLS at all\r\n")
            client.settimeout(TIMEOUT)
            refused(errno.ECONNRESET, client.recv, 1)
            refused(errno.ENOTCONN, info, client)


CASES = (
    resumption_between_our_own_ends, resumption_by_openssl, resumption_of_openssl, s_client_reconnects,
    s_server_sees_us_again, a_push_forgets_all_sessions, who_is_no_longer_allowed_does_not_come_back,
    an_unknown_session_is_no_way_round_the_certificate, a_session_of_another_rule,
    a_stolen_session_id_without_its_secret, none_is_kept_if_none_is_wanted, the_least_recently_used_goes_first,
    an_hour_is_the_most, a_clock_that_goes_back, no_session_outlives_a_certificate, counted,
    one_source_does_not_starve_another, a_network_of_ipv6_is_one_source, a_source_that_waits_is_let_in,
    a_pending_handshake_is_small, what_a_socket_tells, how_a_socket_answers, a_socket_whose_handshake_goes_on_or_failed,
)


def main():
    PKI.ca("ca")
    for name in ("server", "client"):
        PKI.leaf(name, f"URI:spiffe://example.org/{name}")
    tap = Tap()
    for case in CASES:
        problem = None
        try:
            case()
        except Exception as error:  # a failed check must not hide the others
            problem = "".join(traceback.format_exception(error))
        tap.check(case.__name__.replace("_", " "), problem)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
