# SPDX-License-Identifier: Apache-2.0
"""An upgraded connection within one process, for tests that count what such connections leave."""

import contextlib
import socket
import threading

PATIENCE_S = 120


class EchoServer:
    """Sends each line back; one thread a connection."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = port
        self.faults = []
        self.threads = []
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError as error:
                self.faults.append(f"accept: {error}")
                return
            thread = threading.Thread(target=self._echo, args=(client,), daemon=True)
            thread.start()
            self.threads = [t for t in self.threads if t.is_alive()] + [thread]

    def _echo(self, client):
        with client:
            try:
                while data := client.recv(65536):
                    client.sendall(data)
            except OSError as error:
                self.faults.append(f"echo: {error}")

    def settle(self):
        """Waits until the connections so far have ended."""
        for thread in self.threads:
            thread.join(PATIENCE_S)


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    return contextlib.closing(client)


def exchange(client, text):
    """Sends a line and reads it back."""
    client.sendall(text + b"\n")
    data = b""
    while not data.endswith(b"\n"):
        piece = client.recv(65536)
        if not piece:
            raise ConnectionError(f"end of stream after {data!r}")
        data += piece
    if data != text + b"\n":
        raise ConnectionError(f"{data!r} came back for {text!r}")
