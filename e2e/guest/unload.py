#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""unload.py CYCLES PUSH: loads and unloads the modules again and again under traffic.

PUSH is a rule-set for hbk_tool.py that upgrades port 7500 at both ends and leaves 7501 and 7502 alone. In each cycle
    the modules are loaded and the rule-set pushed,
    a line goes through an upgraded connection while rmmod is refused,
    the connection ends and the modules go,
while all the time
    one thread sits in accept() on port 7501, and
    another process makes plain connections on port 7502 as fast as it can.
Prints a line per cycle and "done".
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from hbk_tool import push
from upgraded import PATIENCE_S, EchoServer, connect, exchange

UPGRADED, PATIENT, BUSY = 7500, 7501, 7502


def rmmod():
    """The exit status of unloading hauberk.ko."""
    return subprocess.run(["rmmod", "hauberk"], stderr=subprocess.DEVNULL, check=False).returncode


def unload():
    """What the last close() set free may take a moment: the kernel tells nobody when a count falls to zero."""
    deadline = time.monotonic() + PATIENCE_S
    while rmmod():
        if time.monotonic() > deadline:
            raise TimeoutError("hauberk.ko cannot be unloaded")
        time.sleep(0.05)
    subprocess.run(["rmmod", "wasm", "bearssl"], check=True)


def busy():
    """In a process of its own: plain connections through whatever accept() and connect() are just now."""
    child = os.fork()
    if child:
        return child
    listener = socket.create_server(("127.0.0.1", BUSY), backlog=64)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        while True:
            with socket.create_connection(("127.0.0.1", BUSY)) as client, listener.accept()[0] as server:
                client.sendall(b"x")
                assert server.recv(1) == b"x"
    except (OSError, AssertionError) as error:
        print(f"busy: {error!r}", flush=True)
        os._exit(1)


def patient(accepted):
    """Sits in one accept() through all cycles; then takes the connection that ends the wait."""
    listener = socket.create_server(("127.0.0.1", PATIENT))
    thread = threading.Thread(target=lambda: accepted.append(listener.accept()[0]), daemon=True)
    thread.start()
    return thread


def cycle(rules):
    subprocess.run(["/opt/hauberk/e2e/load-modules"], check=True)
    push(rules)
    server = EchoServer(UPGRADED)
    with connect(UPGRADED) as client:
        exchange(client, b"through the mail")
        if not rmmod():
            raise AssertionError("rmmod took the module away from under an open connection")
        exchange(client, b"and still through it")
    server.settle()
    server.listener.shutdown(socket.SHUT_RDWR)
    server.accepting.join(PATIENCE_S)
    server.listener.close()
    unload()
    return server.faults[:-1]


def main():
    cycles, rules = int(sys.argv[1]), sys.argv[2]
    accepted = []
    unload()
    waiting = patient(accepted)
    plain = busy()
    for number in range(cycles):
        faults = cycle(rules)
        print(json.dumps({"cycle": number, "faults": faults}), flush=True)
        if faults or not waiting.is_alive():
            sys.exit(f"cycle {number}: {faults or 'the blocked accept() ended'}")
    with connect(PATIENT) as client:
        waiting.join(PATIENCE_S)
        client.sendall(b"at last\n")
        assert accepted[0].recv(100) == b"at last\n"
    os.kill(plain, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(plain, 0)[1]) == 0, "the plain traffic met an error"
    subprocess.run(["/opt/hauberk/e2e/load-modules"], check=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
