#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""recorder.py PORT...: a plaintext server that writes down what each connection delivered to it.

It answers each line with "got LINE". When a connection ends, one JSON object tells the port, the bytes that came
and how it ended: "eof", the name of an errno, or "refused" if that was before accept() gave it out.
"""

import errno
import json
import selectors
import socket
import sys


def listen(port):
    server = socket.socket(socket.AF_INET6)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", port))
    server.listen(64)
    server.setblocking(False)
    return server


class Connection:
    def __init__(self, client, port):
        self.client, self.port, self.received, self.line = client, port, 0, b""

    def read(self):
        """What ended the connection, or None."""
        try:
            data = self.client.recv(65536)
            if not data:
                return "eof"
            self.received += len(data)
            *lines, self.line = (self.line + data).split(b"\n")
            for line in lines:
                self.client.sendall(b"got " + line + b"\n")
            return None
        except BlockingIOError:
            return None
        except OSError as error:
            return errno.errorcode.get(error.errno, str(error.errno))


def record(port, received, end):
    print(json.dumps({"port": port, "bytes": received, "end": end}), flush=True)


def accept(poll, listener):
    port = listener.getsockname()[1]
    try:
        client, _ = listener.accept()
    except BlockingIOError:
        # It was there when select() looked, and a rule or a handshake has refused it since.
        record(port, 0, "refused")
        return
    client.setblocking(False)
    poll.register(client, selectors.EVENT_READ, Connection(client, port))


def main():
    poll = selectors.DefaultSelector()
    for port in map(int, sys.argv[1:]):
        poll.register(listen(port), selectors.EVENT_READ)
    print("recording", flush=True)
    while True:
        for key, _ in poll.select():
            if key.data is None:
                accept(poll, key.fileobj)
                continue
            end = key.data.read()
            if end:
                poll.unregister(key.fileobj)
                key.fileobj.close()
                record(key.data.port, key.data.received, end)


if __name__ == "__main__":
    sys.exit(main())
