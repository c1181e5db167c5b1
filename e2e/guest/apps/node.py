# SPDX-License-Identifier: Apache-2.0
"""node at both ends: HTTP with an agent that keeps connections, and streams that end one half at a time."""

import pathlib

from trial import Leg, expect

HTTP, ECHO = 7300, 7301
PEER = pathlib.Path(__file__).with_name("node_peer.js")
LEGS = (Leg("node-http", ((HTTP, HTTP),), least=10), Leg("node-echo", ((ECHO, ECHO),), least=10))


def check(trial):
    rounds = 3 * trial.scale
    trial.serve(["node", PEER, "serve", HTTP, ECHO], HTTP, ECHO)
    output = trial.run("node", PEER, "check", HTTP, ECHO, rounds)
    expect(output, f"{rounds * 10} posts, 10 echoes\n", "what node says")
