#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What filters that were not written here have before them and behind them.

    foreign.py serve PORT…      an HTTP server on each port; prints "ready", then the port and path of each request
    foreign.py said PATTERN     waits until a filter has logged a line like this, and prints the line

Pages: / and /secret (text), /chunked (the secret, cut in two), /text (60 KB), /binary (no text); /bytes/1 has one byte,
in turns an even and an odd one.
"""

import http.server
import itertools
import re
import sys
import threading
import time

from hbk_device import Device

SECONDS = 60
PAUSE = 0.2  # between looks at the log: nothing tells that it has grown
TEXT = "".join(f"line {number} of a text that is long enough\n" for number in range(1500)).encode()
PAGES = {
    "/": ("text/plain", b"the page\n"),
    "/secret": ("text/plain", b"a secret word\n"),
    "/text": ("text/plain", TEXT),
    "/binary": ("application/octet-stream", b"\xff" * 16),
}
CUT = [b"a sec", b"ret word\n"]
BYTES = itertools.cycle([b"\x02", b"\x01"])


class Handler(http.server.BaseHTTPRequestHandler):
    """Keeps connections, as servers do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802 - the library's name
        print(self.server.server_port, self.path, flush=True)
        if self.path == "/chunked":
            self.answer_in_pieces()
        elif self.path == "/bytes/1":
            self.answer("application/octet-stream", next(BYTES))
        elif self.path in PAGES:
            self.answer(*PAGES[self.path])
        else:
            self.send_error(404)

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_in_pieces(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in [*CUT, b""]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()

    def log_message(self, *args):
        """The lines on standard output are enough."""


def serve(ports):
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) for port in ports]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    servers[0].serve_forever()


def log(device):
    """What guests have said, as far as the kernel has kept it."""
    position, text = 0, b""
    while True:
        lines = [frame for frame in device.ask("WASM_LOG", ("POSITION", position)) if frame["frame"] == "WASM_LINES"]
        text += b"".join(frame["DATA"] for frame in lines)
        if not lines[-1]["DATA"]:
            return text.decode(errors="replace").splitlines()
        position = lines[-1]["POSITION"]


def said(pattern):
    deadline = time.monotonic() + SECONDS
    with Device() as device:
        while True:
            lines = log(device)
            found = [line for line in lines if re.search(pattern, line)]
            if found:
                print(found[-1])
                return 0
            if time.monotonic() > deadline:
                print(f"nothing like {pattern} in", *lines, sep="\n", file=sys.stderr)
                return 1
            time.sleep(PAUSE)


def main():
    verb, *words = sys.argv[1:] or [""]
    if verb == "serve" and words:
        serve([int(word) for word in words])
    if verb == "said" and len(words) == 1:
        return said(words[0])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
