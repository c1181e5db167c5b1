# SPDX-License-Identifier: Apache-2.0
"""What the trial of a program needs: rules for its ports, its servers and clients, the count of what was upgraded."""

import collections
import contextlib
import dataclasses
import hashlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import device_pki
from hbk_device import INBOUND, OUTBOUND, RECORDS_KERNEL, RECORDS_OWN, STRICT, Device, Rule, table

HOST = "127.0.0.1"
PATIENCE = 240
LOOK_AGAIN = 0.1
EVENTS = 1000
LISTENING = "0A"


class Failure(Exception):
    """A program did not do what it should."""


def expect(value, wanted, what):
    if value != wanted:
        raise Failure(f"{what}: {value!r} instead of {wanted!r}")


def expect_least(value, least, what):
    if value < least:
        raise Failure(f"{what}: {value} instead of {least} or more")


def expect_most(value, most, what):
    if value > most:
        raise Failure(f"{what}: {value} instead of {most} or less")


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def await_that(condition, problem):
    """Looks every now and then: nothing tells when a program begins to listen, or has closed its last descriptor."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(problem())
        time.sleep(LOOK_AGAIN)


def _listeners():
    """The TCP ports that are listened on."""
    for family in ("tcp", "tcp6"):
        for line in pathlib.Path("/proc/net", family).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == LISTENING:
                yield int(local.rpartition(":")[2], 16)


@dataclasses.dataclass
class Leg:
    """A kind of connection: strict at both ends, which are on this machine."""

    name: str
    ports: tuple                # pairs of a first and a last port
    least: int = 1              # connections that there must have been
    whole: bool = True          # every byte that was written was read as well
    left: int = 0               # at most so many whose client goes before the server has accepted


class Trial:
    """One program's: a folder, rules for its legs, its servers; check with account() what came of it."""

    def __init__(self, legs, options):
        self.legs, self.scale, self.own_records = legs, options.scale, options.own_records
        self.servers = []
        self._folder = tempfile.TemporaryDirectory(prefix="trial-", dir="/run")
        self.path = pathlib.Path(self._folder.name)
        self.path.chmod(0o755)
        self.generation = self._push([] if options.plain else legs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self._folder.cleanup()

    def _push(self, legs):
        pki = device_pki.Pki()
        pki.ca("ca")
        rules = []
        for name in ("server", "client"):
            pki.leaf(name, f"URI:spiffe://example.org/{name}")
        for leg in legs:
            rules.append(Rule(f"{leg.name}-in", INBOUND, STRICT, leg.ports, "server", None,
                              ["spiffe://example.org/client"]))
            rules.append(Rule(f"{leg.name}-out", OUTBOUND, STRICT, leg.ports, "client", None,
                              ["spiffe://example.org/server"]))
        settings = [("HANDSHAKE_TIMEOUT_MS", 120000), ("HANDSHAKE_RATE", 0),
                    ("RECORD_LAYER", RECORDS_OWN if self.own_records else RECORDS_KERNEL)]
        with Device() as device:
            return device.push(table(rules), [pki.cert("ca")],
                               [(name, f"spiffe://example.org/{name}", [pki.cert(name)], pki.key(name))
                                for name in ("client", "server")], settings)

    @contextlib.contextmanager
    def environment(self, **variables):
        """What is started meanwhile sees these as well."""
        os.environ.update(variables)
        try:
            yield
        finally:
            for name in variables:
                del os.environ[name]

    def file(self, name, size=None, text=None):
        """A file in the trial's folder, of so many random bytes or of a text."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size) if text is None else text.encode())
        path.chmod(0o644)
        return path

    def serve(self, command, *ports, user=None, **options):
        """Starts a server and waits until it listens."""
        identity = {"user": user, "group": user, "extra_groups": ()} if user else {}
        log = self.path / f"server-{len(self.servers)}.log"
        with open(log, "wb") as file:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, start_new_session=True, cwd=self.path,
                                       **identity, **options)
        self.servers.append((process, log))
        await_that(lambda: process.poll() is not None or set(ports) <= set(_listeners()),
                   lambda: f"{command[0]} does not listen: {log.read_text()}")
        if process.poll() is not None:
            raise Failure(f"{command[0]} ended: {log.read_text()}")
        return process

    def run(self, *command, user=None, timeout=PATIENCE, **options):
        """Runs a client to its good end; returns its output."""
        identity = {"user": user, "group": user, "extra_groups": ()} if user else {}
        command = [str(word) for word in command]
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, text=True,
                                  cwd=self.path, errors="replace", **{"stdin": subprocess.DEVNULL, **options},
                                  **identity)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{' '.join(command)}: no end after {timeout} s: {error.stdout} {error.stderr}") from error
        if done.returncode:
            raise Failure(f"{' '.join(command)}: status {done.returncode}: {done.stdout} {done.stderr}")
        return done.stdout

    def logs(self):
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for _, log in self.servers)

    def stop(self):
        """Ends the servers, the last one first, and whatever they have left running."""
        while self.servers:
            process, _ = self.servers.pop()
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()

    @staticmethod
    def _counters():
        with Device() as device:
            return {frame["RULE"]: frame for frame in device.ask("STATUS") if frame["frame"] == "RULE_STATUS"}

    def all_accepted(self, name, connections):
        """Has the server opened so many connections of a leg, or is none of them upgraded?"""
        inside = self._counters().get(f"{name}-in")
        return inside is None or inside["OPENED"] >= connections

    def account(self):
        """What the rules have counted, once nothing is open any more; a line for each leg. Raises what is wrong."""
        def open_ones():
            return {name: frame for name, frame in self._counters().items() if frame["OPENED"] != frame["CLOSED"]}

        await_that(lambda: not open_ones(), lambda: f"still open: {open_ones()}")
        counters = self._counters()
        lines = [self._check_layer()]
        for leg in self.legs:
            inside, outside = counters[f"{leg.name}-in"], counters[f"{leg.name}-out"]
            lines.append(f"{leg.name}: {inside['OPENED']} connections, {inside['RESUMED']} of them resumed, "
                         f"{inside['RX_BYTES']} bytes to the server, {outside['RX_BYTES']} to the client")
            try:
                self._account(leg, inside, outside)
            except Failure as failure:
                raise Failure(f"{failure}\nrefused: {self._refused()}") from failure
        return lines

    def _events(self, kind):
        """The latest ones of this trial."""
        with Device() as device:
            device.ask("FOLLOW", ("REPLAY", EVENTS))
            while device.readable():
                event = device.read()
                if event["frame"] == kind and event["GENERATION"] == self.generation:
                    yield event

    def _refused(self):
        """Whose connections were refused why, and how often."""
        return dict(collections.Counter((event["RULE"], event.get("COMM"), event["REASON"])
                                        for event in self._events("EVENT_REFUSED")))

    def _check_layer(self):
        """The kernel's layer cannot take over a connection whose peer has sent its FIN already; ours can take all."""
        layers = collections.Counter(event["KTLS"] for event in self._events("EVENT_CLOSED"))
        expect_least(layers[not self.own_records], 1, f"connections of the wanted record layer, {layers}")
        if self.own_records:
            expect(layers[True], 0, "connections of the kernel's record layer")
        return f"record layers: {layers[True]} times the kernel's, {layers[False]} times ours"

    @staticmethod
    def _account(leg, inside, outside):
        what = f"{leg.name}: in {inside}, out {outside}"
        for side in (inside, outside):
            for name in ("DENIED", "PLAIN", "PASSED"):
                expect(side[name], 0, f"{name} of {what}")
            expect(side["MATCHED"], side["OPENED"] + side["REFUSED"], f"opened of all that matched, {what}")
            expect_most(side["REFUSED"], leg.left, f"refused, {what}")
        expect_most(abs(inside["OPENED"] - outside["OPENED"]), leg.left, f"opened at one end only, {what}")
        expect_least(inside["OPENED"], leg.least, f"opened, {what}")
        expect_least(inside["RX_BYTES"] + outside["RX_BYTES"], 1, f"bytes, {what}")
        for reader, writer in ((inside, outside), (outside, inside)):
            if leg.whole:
                expect(reader["RX_BYTES"], writer["TX_BYTES"], f"bytes read of those written, {what}")
            else:
                expect_most(reader["RX_BYTES"], writer["TX_BYTES"], f"bytes read of those written, {what}")
