#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TLS client whose ClientHello is ready before it connects.

Who tells TLS from plaintext waits for a peer's first bytes for some hundreds of milliseconds: a client that only then
begins to think of its hello may come too late on a busy machine.
"""

import argparse
import contextlib
import socket
import ssl

from tls_peer import Peer


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--ca", required=True, metavar="FILE")
    parser.add_argument("--leaf", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--alpn", metavar="NAME")
    parser.add_argument("--say", default="", metavar="WORDS", help="with a new-line behind them")
    parser.add_argument("--line", action="store_true", help="print the first line alone, and not all to the end")
    return parser.parse_args()


def context_of(args):
    context = ssl.create_default_context(cafile=args.ca)
    context.check_hostname = False
    if args.leaf:
        context.load_cert_chain(*args.leaf)
    if args.alpn:
        context.set_alpn_protocols([args.alpn])
    return context


def connect(port, context):
    peer = Peer(None, context, server=False)
    with contextlib.suppress(ssl.SSLWantReadError):
        peer.tls.do_handshake()
    peer.sock = socket.create_connection(("127.0.0.1", port))
    peer.flush()
    return peer


def main():
    args = arguments()
    peer = connect(args.port, context_of(args))
    peer.handshake()
    peer.until_done(lambda: peer.tls.write(args.say.encode() + b"\n"))
    while data := peer.until_done(lambda: peer.tls.read(65536)):
        text = data.decode()
        if args.line and "\n" in text:
            print(text.partition("\n")[0])
            break
        print(text, end="")


if __name__ == "__main__":
    main()
