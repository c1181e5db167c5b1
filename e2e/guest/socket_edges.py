# SPDX-License-Identifier: Apache-2.0
"""What an application may try with an upgraded socket, and what comes of it. Run as root in the guest; prints TAP.

Each case makes its own sockets. Port 7100 is strict both ways, 7101 is denied inbound, 7102 has no rule,
7103 is denied outbound to whoever is in one control group or below it.
"""

import errno
import pathlib
import socket
import subprocess
import sys
import threading

import device_pki
from device_tap import Tap
from hbk_device import DENY, INBOUND, OUTBOUND, STRICT, Device, Rule, table

HOST, STRICT_PORT, DENIED_PORT, PLAIN_PORT, CGROUP_PORT = "127.0.0.1", 7100, 7101, 7102, 7103
CGROUP_ROOT = pathlib.Path("/run/socket-edges-cgroup")
TIMEOUT = 60

# Not in Python's socket module.
TCP_REPAIR, TCP_FASTOPEN, TCP_NOTSENT_LOWAT, TCP_ULP = 19, 23, 25, 31
SOL_TLS, TLS_SET_RECORD_TYPE, TLS_TX, IPV6_ADDRFORM, MSG_FASTOPEN = 282, 1, 1, 1, 0x20000000


def push_rules(cgroup):
    pki = device_pki.Pki()
    pki.ca("ca")
    for name in ("server", "client"):
        pki.leaf(name, f"URI:spiffe://example.org/{name}")
    rules = [
        Rule("denied", INBOUND, DENY, ((DENIED_PORT, DENIED_PORT),)),
        Rule("in", INBOUND, STRICT, ((STRICT_PORT, STRICT_PORT),), "server", None, ["spiffe://example.org/client"]),
        Rule("group", OUTBOUND, DENY, ((CGROUP_PORT, CGROUP_PORT),), cgroups=[cgroup]),
        Rule("out", OUTBOUND, STRICT, ((STRICT_PORT, STRICT_PORT),), "client", None, ["spiffe://example.org/server"]),
    ]
    with Device() as device:
        device.push(table(rules), [pki.cert("ca")],
                    [(name, f"spiffe://example.org/{name}", [pki.cert(name)], pki.key(name))
                     for name in ("client", "server")],
                    [("HANDSHAKE_TIMEOUT_MS", 60000)])


def pair(prepare=lambda _: None):
    """The two ends of a strict connection; prepare sees the client's before connect()."""
    with socket.create_server((HOST, STRICT_PORT)) as listener:
        client = socket.socket()
        prepare(client)
        client.connect((HOST, STRICT_PORT))
        client.settimeout(TIMEOUT)
        server, _ = listener.accept()
        server.settimeout(TIMEOUT)
        return client, server


def opened():
    """A pair whose handshake is over."""
    client, server = pair()
    client.sendall(b"?")
    expect(server.recv(1), b"?")
    return client, server


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


def options_that_would_lay_the_socket_bare():
    for sock in opened():
        refused(errno.EBUSY, sock.setsockopt, socket.SOL_TCP, TCP_ULP, b"tls")
        refused(errno.EBUSY, sock.setsockopt, socket.SOL_TCP, TCP_REPAIR, 1)
        refused(errno.EBUSY, sock.setsockopt, SOL_TLS, TLS_TX, bytes(40))
        refused(errno.EBUSY, sock.setsockopt, socket.IPPROTO_IPV6, IPV6_ADDRFORM, socket.AF_INET)
        refused(errno.ENOPROTOOPT, sock.getsockopt, SOL_TLS, TLS_TX, 40)


def control_messages_make_no_records():
    client, server = opened()
    client.sendmsg([b"\1\0"], [(SOL_TLS, TLS_SET_RECORD_TYPE, b"\x15")])
    expect(server.recv(16), b"\1\0")


def data_in_the_syn():
    with socket.create_server((HOST, STRICT_PORT)):
        refused(errno.EOPNOTSUPP, socket.socket().sendto, b"secret", MSG_FASTOPEN, (HOST, STRICT_PORT))


def knock():
    """Data in the SYN, to a port that is denied: the reset may come before or after sendto() returns."""
    client = socket.socket()
    client.sendto(b"hello", MSG_FASTOPEN, (HOST, DENIED_PORT))
    client.settimeout(TIMEOUT)
    return client.recv(1)


def a_denied_fast_open_child():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_TCP, TCP_FASTOPEN, 16)
    listener.bind((HOST, DENIED_PORT))
    listener.listen(16)
    outcome = []

    def accept():
        try:
            outcome.append(listener.accept())
        except OSError as error:
            outcome.append(error.errno)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        for _ in range(3):
            refused(errno.ECONNRESET, knock)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
    expect(outcome, [errno.EINVAL])


def close_with_little_room_for_unsent_data():
    """Nobody reads yet, so that most is unsent at close(), and the mark leaves no room for the close_notify."""
    client, server = pair(lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768))
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 400000)
    server.sendall(bytes(200000))
    server.setsockopt(socket.SOL_TCP, TCP_NOTSENT_LOWAT, 1)
    server.close()
    got = 0
    while data := client.recv(65536):
        got += len(data)
    expect(got, 200000)


def low_water_marks_during_the_handshake():
    client, server = pair(lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 100000))
    expect(client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT) in (1, 100000), True)
    server.sendall(b"greeting")
    server.close()
    expect(client.recv(16, socket.MSG_WAITALL), b"greeting")


def shutdown_beside_a_blocked_writer():
    client, server = opened()
    outcome = []

    def fill():
        try:
            while True:
                client.send(bytes(1 << 20))
        except OSError as error:
            outcome.append(error.errno)

    client.settimeout(None)
    writer = threading.Thread(target=fill)
    writer.start()
    server.recv(1)
    client.shutdown(socket.SHUT_RDWR)
    writer.join(TIMEOUT)
    expect(outcome, [errno.EPIPE])


def peek_leaves_what_it_shows():
    client, server = opened()
    client.sendall(b"twice")
    client.shutdown(socket.SHUT_WR)
    expect(server.recv(16, socket.MSG_PEEK), b"twice")
    expect(server.recv(16), b"twice")
    expect(server.recv(16, socket.MSG_PEEK), b"")
    expect(server.recv(16), b"")
    server.sendall(b"still")
    expect(client.recv(16), b"still")


def half_closed_before_the_handshake_is_over():
    client, server = pair()
    client.shutdown(socket.SHUT_WR)
    expect(server.recv(1), b"")
    server.sendall(b"late")
    expect(client.recv(16), b"late")


def a_second_attempt_on_the_same_socket():
    client = socket.socket()
    refused(errno.ECONNREFUSED, client.connect, (HOST, STRICT_PORT))
    with socket.create_server((HOST, STRICT_PORT)) as listener:
        client.connect((HOST, STRICT_PORT))
        server, _ = listener.accept()
        client.sendall(b"again")
        expect(server.recv(16), b"again")


def a_second_attempt_that_no_rule_matches():
    client = socket.socket()
    refused(errno.ECONNREFUSED, client.connect, (HOST, STRICT_PORT))
    with socket.create_server((HOST, PLAIN_PORT)) as listener:
        client.connect((HOST, PLAIN_PORT))
        server, _ = listener.accept()
        client.sendall(b"plain")
        expect(server.recv(16), b"plain")
        refused(errno.EBUSY, client.setsockopt, socket.SOL_TCP, TCP_ULP, b"tls")


def a_control_group_far_below():
    deep = CGROUP_ROOT.joinpath("fenced", *["d"] * 40)
    deep.mkdir(parents=True)
    program = (f"import os,socket\n"
               f"open('{deep}/cgroup.procs', 'w').write(str(os.getpid()))\n"
               f"try: socket.create_connection(('{HOST}', {CGROUP_PORT}))\n"
               f"except OSError as error: print(error.errno)\n")
    with socket.create_server((HOST, CGROUP_PORT)):
        socket.create_connection((HOST, CGROUP_PORT)).close()
        out = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    expect(out, f"{errno.EPERM}\n")


CASES = (
    options_that_would_lay_the_socket_bare, control_messages_make_no_records, data_in_the_syn,
    a_denied_fast_open_child, close_with_little_room_for_unsent_data, low_water_marks_during_the_handshake,
    shutdown_beside_a_blocked_writer, peek_leaves_what_it_shows, half_closed_before_the_handshake_is_over,
    a_second_attempt_on_the_same_socket, a_second_attempt_that_no_rule_matches, a_control_group_far_below,
)


def main():
    pathlib.Path("/proc/sys/net/ipv4/tcp_fastopen").write_text("1027")
    CGROUP_ROOT.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "cgroup2", "none", CGROUP_ROOT], check=True)
    fenced = CGROUP_ROOT / "fenced"
    fenced.mkdir(exist_ok=True)
    push_rules(fenced.stat().st_ino)
    tap = Tap()
    for case in CASES:
        problem = None
        try:
            case()
        except Exception as error:  # a failed check must not hide the others
            problem = f"{type(error).__name__}: {error}"
        tap.check(case.__name__.replace("_", " "), problem)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
