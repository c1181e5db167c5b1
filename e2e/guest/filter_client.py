#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps one HTTP connection open and makes new ones all the time, while filters are replaced.

    filter_client.py PORT HEADER FIFO

Each line that FIFO gives is done: "old" asks once more on the first connection, "new" on a new one, and both print the
word and the answer's HEADER; "end" prints how many requests were made beside these, and what went wrong with them.
"""

import http.client
import sys
import threading

TIMEOUT = 60
PAUSE = 0.1  # seconds between requests: the tests share the machine with them


class Load(threading.Thread):
    """Asks on a new connection each time."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.over = threading.Event()
        self.answers = 0
        self.failures = []

    def run(self):
        while not self.over.wait(PAUSE):
            try:
                ask(connect(self.port))
                self.answers += 1
            except (OSError, http.client.HTTPException, AssertionError) as failure:
                self.failures.append(repr(failure))


def connect(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)


def ask(connection, header="content-length"):
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    assert response.status == 200, response.status
    return response.headers.get(header)


def main():
    port, header, fifo = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    first = connect(port)
    print("first", ask(first, header), flush=True)
    load = Load(port)
    load.start()
    word = ""
    while word != "end":
        with open(fifo, encoding="ascii") as file:
            word = file.readline().strip()
        if word == "old":
            print("old", ask(first, header), flush=True)
        elif word == "new":
            print("new", ask(connect(port), header), flush=True)
    load.over.set()
    load.join()
    print("end", load.answers, *load.failures, flush=True)


if __name__ == "__main__":
    main()
