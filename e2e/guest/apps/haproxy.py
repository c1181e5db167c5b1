# SPDX-License-Identifier: Apache-2.0
"""haproxy before nginx, splicing where it can: both legs upgraded, by HTTP and as a stream of bytes."""

import nginx
from trial import HOST, Leg, await_that, digest, expect

REQUESTS = 20
# haproxy ends a connection that it has checked a server with by a reset, which may come before nginx accepts.
LEGS = (Leg("front", ((8100, 8102),), least=3), Leg("back", ((8110, 8110),), least=2),
        Leg("checks", ((8111, 8111),), least=2, whole=False, left=20))
STATUS_COLUMN = 36
CONFIG = """
global
  nbthread 1
defaults
  option splice-auto
  timeout connect 120s
  timeout client 120s
  timeout server 120s
  timeout check 120s
frontend http-front
  mode http
  bind {host}:8100
  default_backend http-back
backend http-back
  mode http
  http-reuse always
  http-response set-header x-way haproxy
  option httpchk GET /page
  server nginx {host}:8110 check port 8111 inter 10s
frontend tcp-front
  mode tcp
  bind {host}:8101
  default_backend tcp-back
backend tcp-back
  mode tcp
  server nginx {host}:8110 check port 8111 inter 10s
frontend status
  mode http
  bind {host}:8102
  stats enable
  stats uri /status
"""


def _checks(trial):
    """The outcomes of the last checks of both backends' servers."""
    rows = trial.run("curl", "-sS", "--fail", f"http://{HOST}:8102/status;csv").splitlines()
    return [row.split(",")[STATUS_COLUMN] for row in rows if row.split(",")[1] == "nginx"]


def check(trial):
    for name, size in ("large", 4_000_000 * trial.scale), ("page", 3000):
        trial.file(f"site/{name}", size)
    nginx.serve(trial, 8110, 8111)
    config = trial.file("haproxy.cfg", text=CONFIG.format(host=HOST))
    trial.serve(["haproxy", "-db", "-f", config], 8100, 8101, 8102)

    got = trial.path / "got"
    for port in (8100, 8101):
        trial.run("curl", "-sS", "--fail", "-o", got, f"http://{HOST}:{port}/large")
        expect(digest(got), digest(trial.path / "site/large"), f"SHA-256 of the large file through {port}")
    output = trial.run("curl", "-sS", "--fail", "-o", "/dev/null",
                       "-w", "%{http_code} %{num_connects} %header{x-way}\\n",
                       f"http://{HOST}:8100/page?[1-{REQUESTS}]")
    expect(output.splitlines(), ["200 1 haproxy"] + (REQUESTS - 1) * ["200 0 haproxy"], "requests with keep-alive")
    await_that(lambda: _checks(trial) == ["L7OK", "L4OK"], lambda: f"checks of the server: {_checks(trial)}")
