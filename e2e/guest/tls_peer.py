#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TLS peer that misbehaves: it moves the records itself, so that it can send what no library would.

    tls_peer.py client|server PORT CERT KEY CA DEED

The deeds, each after a whole handshake unless it says otherwise:
    truncate        FIN without close_notify
    bad-record      a record whose tag is wrong
    plaintext       bytes that are no record
    reset           RST
    fatal-alert     a fatal alert, protected
    garbage-first   instead of a handshake: a handshake record of noise
    half-hello      half of a ClientHello and then silence (client only)

It prints "listening" (server), "done" after the deed, and what the other side answered: "peer: eof" or an errno.
"""

import errno
import socket
import ssl
import struct
import sys

DATA, ALERT, HANDSHAKE = 23, 21, 22
NOISE = bytes(range(7, 71))


class Peer:
    def __init__(self, sock, context, server):
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server)

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.sock.sendall(data)

    def until_done(self, action):
        while True:
            try:
                result = action()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(65536)
                if not data:
                    raise ConnectionResetError(errno.ECONNRESET, "the peer left") from None
                self.incoming.write(data)

    def handshake(self):
        self.until_done(self.tls.do_handshake)

    def record(self, kind, payload):
        self.sock.sendall(struct.pack(">BHH", kind, 0x0303, len(payload)) + payload)


def truncate(peer):
    peer.handshake()
    peer.sock.shutdown(socket.SHUT_WR)


def bad_record(peer):
    peer.handshake()
    peer.record(DATA, NOISE)


def plaintext(peer):
    peer.handshake()
    peer.sock.sendall(b"HELLO IN CLEAR\r\n\r\n")


def reset(peer):
    peer.handshake()
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()
    print("done", flush=True)
    sys.exit(0)


def fatal_alert(peer):
    """The library sends one when it meets a record that it cannot decrypt."""
    peer.handshake()
    peer.incoming.write(struct.pack(">BHH", DATA, 0x0303, len(NOISE)) + NOISE)
    try:
        peer.tls.read(1)
    except ssl.SSLError:
        pass
    peer.flush()


def garbage_first(peer):
    peer.record(HANDSHAKE, NOISE)


def half_hello(peer):
    try:
        peer.tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = peer.outgoing.read()
    peer.sock.sendall(hello[:len(hello) // 2])


DEEDS = {f.__name__.replace("_", "-"): f for f in (
    truncate, bad_record, plaintext, reset, fatal_alert, garbage_first, half_hello)}


def tls_context(server, cert, key, ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(cert, key)
    context.load_verify_locations(ca)
    return context


def connect(server, port):
    if not server:
        return socket.create_connection(("127.0.0.1", port))
    listener = socket.create_server(("127.0.0.1", port))
    print("listening", flush=True)
    return listener.accept()[0]


def answer(sock):
    """How the other side ends the connection; what it sends before is not looked at."""
    try:
        while sock.recv(65536):
            pass
        return "eof"
    except OSError as error:
        return errno.errorcode[error.errno]


def main():
    role, port, cert, key, ca, deed = sys.argv[1:]
    server = role == "server"
    sock = connect(server, int(port))
    DEEDS[deed](Peer(sock, tls_context(server, cert, key, ca), server))
    print("done", flush=True)
    print(f"peer: {answer(sock)}", flush=True)


if __name__ == "__main__":
    main()
