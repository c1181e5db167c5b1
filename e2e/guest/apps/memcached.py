# SPDX-License-Identifier: Apache-2.0
"""memcached: the conformance test of its two protocols, load, and a large value that goes in and out."""

import re

from trial import HOST, Leg, digest, expect, expect_least

PORT = 11211
# memccapable leaves when it has seen enough.
LEGS = (Leg("memcached", ((PORT, PORT),), least=10, whole=False),)
# The command verbosity and its like are not in every protocol; these are all that this version has.
LEAST_TESTS = 40


def check(trial):
    trial.serve(["memcached", "-u", "memcache", "-l", HOST, "-p", PORT, "-U", "0"], PORT)
    output = trial.run("memccapable", "-h", HOST, "-p", PORT, "-t", "60")
    expect(re.findall(r".*\[FAIL\].*", output, re.IGNORECASE), [], "failures of memccapable")
    expect_least(len(re.findall(r"\[pass\]", output)), LEAST_TESTS, f"passes of memccapable: {output}")

    server = f"--servers={HOST}:{PORT}"
    for test in ("set", "get", "mget"):
        trial.run("memcslap", server, f"--test={test}", "--concurrency=10", f"--execute-number={50 * trial.scale}",
                  f"--initial-load={500 * trial.scale}")
    large = trial.file("large", 900_000)
    trial.run("memccp", server, large)
    trial.run("memccat", server, f"--file={trial.path / 'got'}", "large")
    expect(digest(trial.path / "got"), digest(large), "SHA-256 of a large value")
