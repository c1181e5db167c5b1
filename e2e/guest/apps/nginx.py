# SPDX-License-Identifier: Apache-2.0
"""nginx with sendfile: HTTP/1.1 with keep-alive, ranges, HTTP/2 with prior knowledge, asked by curl and by h2load.

curl gets one file a connection by HTTP/2: the second one fails with this version in plaintext as well.
"""

import re

from trial import HOST, Leg, digest, expect

LEGS = (Leg("http1", ((8080, 8080),), least=3), Leg("http2", ((8081, 8081),), least=6))
STATUS_PORT = 8099
SMALL_ONES = 20
CONFIG = """
daemon off;
user root;
worker_processes 1;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  server {{ {listen} root {folder}/site; }}
  server {{ listen {host}:{status}; location / {{ stub_status; }} }}
}}
"""


def serve(trial, *ports, http2=()):
    """Starts an nginx that serves the trial's folder "site" on these ports."""
    listen = " ".join(f"listen {HOST}:{port}{' http2' if port in http2 else ''} backlog=1024;" for port in ports)
    config = trial.file("nginx.conf", text=CONFIG.format(folder=trial.path, listen=listen, host=HOST,
                                                         status=STATUS_PORT))
    return trial.serve(["nginx", "-c", config], *ports)


def requests_served(trial):
    """How many there were so far, as nginx itself counts; asked in plaintext."""
    status = trial.run("curl", "-sS", "--fail", f"http://{HOST}:{STATUS_PORT}/")
    return int(re.search(r"^ \d+ \d+ (\d+) $", status, re.MULTILINE)[1])


def _fetch(trial, port, names, *options):
    """Fetches these files with one curl; each must arrive whole. Returns what curl writes of each."""
    urls = [word for name in names
            for word in (f"http://{HOST}:{port}/{name}", "-o", trial.path / f"got-{name}")]
    written = trial.run("curl", "-sS", "--fail", "-w", "%{http_version} %{num_connects}\\n", *options, *urls)
    for name in names:
        got = trial.path / f"got-{name}"
        expect(digest(got), digest(trial.path / "site" / name), f"SHA-256 of {name}")
        got.unlink()
    return written.split("\n")[:-1]


def check(trial):
    small = [f"small-{number}" for number in range(SMALL_ONES)]
    for number, name in enumerate(small):
        trial.file(f"site/{name}", 1 + number * 1000)
    large = trial.file("site/large", 8_000_000 * trial.scale)
    serve(trial, 8080, 8081, http2=(8081,))

    expect(_fetch(trial, 8080, ["large"]), ["1.1 1"], "a large file by HTTP/1.1")
    expect(_fetch(trial, 8080, ["large", *small]), ["1.1 1"] + SMALL_ONES * ["1.1 0"], "connections with keep-alive")
    part = trial.path / "part"
    trial.run("curl", "-sS", "--fail", "-r", "1000000-2999999", "-o", part, f"http://{HOST}:8080/large")
    expect(part.read_bytes() == large.read_bytes()[1000000:3000000], True, "a range of the large file")

    expect(_fetch(trial, 8081, ["large"], "--http2-prior-knowledge"), ["2 1"], "a large file by HTTP/2")
    requests = 200 * trial.scale
    output = trial.run("h2load", "-n", requests, "-c", "5", "-m", "10", f"http://{HOST}:8081/small-19")
    expect(re.search(r"^requests: .*$", output, re.MULTILINE)[0],
           f"requests: {requests} total, {requests} started, {requests} done, {requests} succeeded, 0 failed, "
           "0 errored, 0 timeout", "requests by HTTP/2")
