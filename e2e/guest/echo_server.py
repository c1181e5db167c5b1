#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""echo_server.py PORT [GREETING]: an epoll server that knows nothing of TLS: it greets, then sends back what comes."""

import select
import socket
import sys

BACKLOG = 4096


class Server:
    def __init__(self, port, greeting):
        self.greeting = greeting
        self.epoll = select.epoll()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(BACKLOG)
        self.listener.setblocking(False)
        self.epoll.register(self.listener, select.EPOLLIN)
        self.clients, self.output = {}, {}

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            client.setblocking(False)
            self.clients[client.fileno()] = client
            self.output[client.fileno()] = self.greeting
            self.epoll.register(client, select.EPOLLIN | (select.EPOLLOUT if self.greeting else 0))

    def close(self, number):
        self.epoll.unregister(number)
        del self.output[number]
        self.clients.pop(number).close()

    def write(self, number):
        pending = self.output[number]
        if pending:
            self.output[number] = pending[self.clients[number].send(pending):]
        self.epoll.modify(number, select.EPOLLIN | (select.EPOLLOUT if self.output[number] else 0))

    def read(self, number):
        data = self.clients[number].recv(65536)
        if data:
            self.output[number] += data
            self.write(number)
        else:
            self.close(number)

    def serve(self):
        print("serving", flush=True)
        while True:
            for number, events in self.epoll.poll():
                if number == self.listener.fileno():
                    self.accept()
                    continue
                try:
                    if events & select.EPOLLOUT:
                        self.write(number)
                    if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                        self.read(number)
                except BlockingIOError:
                    pass
                except OSError as error:
                    print(f"connection: {error}", flush=True)
                    self.close(number)


if __name__ == "__main__":
    Server(int(sys.argv[1]), sys.argv[2].encode() + b"\n" if len(sys.argv) > 2 else b"").serve()
