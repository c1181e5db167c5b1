# SPDX-License-Identifier: Apache-2.0
"""wrk with 200 connections to nginx: no socket error, no status but 200."""

import re
import signal
import subprocess

import nginx
from trial import HOST, PATIENCE, Failure, Leg, await_that, expect_least

CONNECTIONS = 200
REQUESTS_EACH = 2
# wrk leaves answers unread when its time is over, and connections that the server has not got round to accepting. Before
# it begins it connects once, and closes that at once.
LEGS = (Leg("wrk", ((8090, 8090),), least=CONNECTIONS, whole=False, left=1),)


def check(trial):
    requests = CONNECTIONS * REQUESTS_EACH * trial.scale
    trial.file("site/page", 2000)
    nginx.serve(trial, 8090)
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{PATIENCE}s", "--timeout", "60s",
               f"http://{HOST}:8090/page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        try:
            await_that(lambda: wrk.poll() is not None or (nginx.requests_served(trial) >= requests and
                                                          trial.all_accepted("wrk", CONNECTIONS)),
                       lambda: f"{nginx.requests_served(trial)} requests instead of {requests}, or too few connections")
        finally:
            wrk.send_signal(signal.SIGINT)
            output, _ = wrk.communicate(timeout=PATIENCE)
    if "Socket errors" in output or "Non-2xx" in output:
        raise Failure(output)
    expect_least(int(re.search(r"(\d+) requests in", output)[1]), requests - CONNECTIONS, "requests")
