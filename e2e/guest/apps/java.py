# SPDX-License-Identifier: Apache-2.0
"""A Java client with one NIO selector for all its connections, to an echo server with one epoll descriptor."""

import pathlib
import sys

from trial import Leg, digest, expect

PORT = 7310
CONNECTIONS = 20
HERE = pathlib.Path(__file__).resolve().parent
LEGS = (Leg("java", ((PORT, PORT),), least=CONNECTIONS),)


def check(trial):
    file = trial.file("sent", 200_000 * trial.scale)
    trial.serve([sys.executable, HERE.parent / "echo_server.py", PORT], PORT)
    output = trial.run("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", HERE, "NioClient", PORT,
                       CONNECTIONS, file)
    expect(output, f"{CONNECTIONS} {digest(file)}\n", "connections that brought all back")
