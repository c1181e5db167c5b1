#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""silent.py PORT COUNT: opens so many connections, says "open", and then never sends a byte."""

import signal
import socket
import sys

sockets = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(int(sys.argv[2]))]
print("open", len(sockets), flush=True)
signal.pause()
