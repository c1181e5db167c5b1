#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""churn.py COUNT PORT REFUSED_PORT: opens, uses and closes so many upgraded connections; each tenth is refused.

Every third is closed by the server's side first, every fifth with data that nobody has read. Prints "churned COUNT".
"""

import socket
import sys

from upgraded import EchoServer, connect, exchange


def refused(port):
    try:
        with connect(port) as client:
            client.sendall(b"x\n")
            client.recv(1)
    except ConnectionError:
        return
    raise AssertionError("the connection was not refused")


def main():
    count = int(sys.argv[1])
    port, refused_port = (int(word) for word in sys.argv[2:4])
    server, other = EchoServer(port), EchoServer(refused_port)
    for number in range(count):
        if number % 10 == 9:
            refused(refused_port)
            continue
        with connect(port) as client:
            exchange(client, b"connection %d" % number)
            if number % 3 == 0:
                client.shutdown(socket.SHUT_WR)
                assert client.recv(1) == b""
            elif number % 5 == 0:
                client.sendall(b"unread\n" * 100)
    server.settle()
    other.settle()
    print(f"churned {count}", flush=True)


if __name__ == "__main__":
    main()
