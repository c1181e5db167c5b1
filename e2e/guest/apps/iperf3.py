# SPDX-License-Identifier: Apache-2.0
"""iperf3 in both directions, by write() and by sendfile(), one stream and several: what was sent was received."""

import json

from trial import HOST, Leg, expect, expect_least

PORT = 5201
# A test is over by the clock of one end, which leaves unread what the other has sent since.
LEGS = (Leg("iperf3", ((PORT, PORT),), least=10, whole=False),)
WAYS = ((), ("--reverse",), ("--zerocopy",), ("--reverse", "--zerocopy"), ("--parallel", "4"))


def check(trial):
    amount = 4_000_000 * trial.scale
    trial.serve(["iperf3", "--server", "--bind", HOST, "--port", PORT], PORT)
    for way in WAYS:
        result = json.loads(trial.run("iperf3", "--client", HOST, "--port", PORT, "--json", "--bytes", amount, *way))
        expect(result.get("error"), None, f"error {way}")
        sent, received = (result["end"][name]["bytes"] for name in ("sum_sent", "sum_received"))
        expect_least(sent, amount, f"bytes sent {way}")
        expect_least(received, amount if "--reverse" in way else 1, f"bytes received {way}")
        print(f"# iperf3 {' '.join(way)}: {result['end']['sum_received']['bits_per_second'] / 1e6:.0f} Mbit/s")
