# SPDX-License-Identifier: Apache-2.0
"""redis-server: redis-benchmark with pipelines, bulk loading, and a replica that must end up the same."""

import re

from trial import HOST, PATIENCE, Leg, expect

MASTER, REPLICA = 6379, 6380
# A replica is told to go in the middle of what its master writes.
LEGS = (Leg("redis", ((MASTER, REPLICA),), least=20, whole=False),)
PIPELINE = 16
BULK = 2000


def _serve(trial, port, *options):
    trial.serve(["redis-server", "--port", port, "--bind", HOST, "--save", "", "--appendonly", "no",
                 "--repl-diskless-sync-delay", "0", "--repl-timeout", PATIENCE, "--dir", trial.path, *options], port)


def _cli(trial, port, *words, **options):
    return trial.run("redis-cli", "-h", HOST, "-p", port, *words, **options)


def _calls(trial, command):
    stats = _cli(trial, MASTER, "info", "commandstats")
    return int(re.search(rf"cmdstat_{command}:calls=(\d+)", stats)[1])


def check(trial):
    count = PIPELINE * 125 * trial.scale
    _serve(trial, MASTER)
    rows = trial.run("redis-benchmark", "-h", HOST, "-p", MASTER, "-P", PIPELINE, "-n", count, "-c", "20",
                     "-r", "1000", "-d", "100", "-t", "set,get,incr,sadd,mset", "--csv").splitlines()
    expect(len(rows), 6, "lines of redis-benchmark")
    for command in ("set", "get", "incr", "sadd", "mset"):
        expect(_calls(trial, command), count, f"calls of {command}")

    bulk = trial.file("bulk", text="".join(f"RPUSH bulk {number}\r\n" for number in range(BULK)))
    with open(bulk, "rb") as file:
        output = _cli(trial, MASTER, "--pipe", stdin=file)
    expect(f"errors: 0, replies: {BULK}" in output, True, f"the bulk loading says {output}")
    expect(_cli(trial, MASTER, "llen", "bulk").strip(), str(BULK), "length of the list")

    _serve(trial, REPLICA, "--replicaof", HOST, MASTER)
    expect(_cli(trial, MASTER, "wait", "1", PATIENCE * 1000, timeout=2 * PATIENCE).strip(), "1", "replicas that follow")
    digests = {_cli(trial, port, "debug", "digest") for port in (MASTER, REPLICA)}
    expect(len(digests), 1, "digests of the master and its replica")
