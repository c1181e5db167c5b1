#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guest's agent: runs what a test on the host asks for.

It speaks JSON lines on a character device. Each request carries an "id", and
so does its answer; requests run side by side, so answers come in any order.

    {"id":1,"run":["sh","-c","..."],"timeout":60,"stdin":"..."} -> {"id":1,"status":0,"out":"...","err":"..."}
    {"id":2,"start":["nginx","-g","..."],"log":"nginx"}         -> {"id":2,"pid":77,"log":"/run/log/nginx"}
    {"id":3,"signal":77,"sig":"TERM"}                           -> {"id":3}
    {"id":4,"wait":77,"timeout":10}                             -> {"id":4,"status":0}
    {"id":5,"put":"/etc/x","data":"<base64>","mode":420}        -> {"id":5}
    {"id":6,"get":"/etc/x"}                                     -> {"id":6,"data":"<base64>"}
    {"id":7,"dmesg":true}                                       -> {"id":7,"lines":["<4>[    1.234567] ..."]}
    {"id":8,"hello":true}                                       -> {"ready":true,"kernel":"6.1.0-56-amd64"}
    {"id":9,"poweroff":true}                                    -> (the machine goes away)

A request that fails is answered with "error"; a time-out is such an error,
too, and kills the command with all its children. "status" is what a shell
would say: 128 + the signal's number for a process that a signal ended. When
the host connects it is told "ready"; a host that hangs up and is back at once
may go unnoticed, so every connection but the first should begin with "hello"
and expect one "ready" or two.

The serial line of user-mode Linux may lose characters, and wake nobody. So a
line may begin with the CRC-32 of what follows, as eight hexadecimal digits and
a space; its answer does, too. Such a line is not looked at if it is garbled,
and may be sent again: what it asks for is done once, and answered as often.
"""

import base64
import contextlib
import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import termios
import threading
import tty
import zlib

LOG_FOLDER = "/run/log"
DEFAULT_TIMEOUT = 60
KILL_TIMEOUT = 10
ANSWERS_KEPT = 256


class Failure(Exception):
    """What a request is answered with when it cannot be done."""


def shell_status(code):
    return 128 - code if code < 0 else code


class KernelLog:
    """The kernel's log, from the boot on; each call gives what is new."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        self.lock = threading.Lock()

    def news(self):
        lines = []
        with self.lock:
            while True:
                try:
                    record = os.read(self.fd, 8192).decode(errors="replace")
                except BlockingIOError:
                    return lines
                except BrokenPipeError:
                    lines.append("<4>[    ?.??????] (records were overwritten before they were read)")
                    continue
                head, _, text = record.partition(";")
                level, _, stamp = head.split(",")[:3]
                stamp = int(stamp) / 1e6
                lines.append(f"<{int(level) & 7}>[{stamp:12.6f}] {text.splitlines()[0]}")


def whereabouts(group):
    """Where in the kernel each process of a group is, for one that does not even end when it is killed."""
    found = []
    for folder in glob.glob("/proc/[0-9]*"):
        try:
            if os.getpgid(int(folder.rpartition("/")[2])) == group:
                texts = [pathlib.Path(folder, name).read_text() for name in ("comm", "stack")]
                found.append(": ".join(" ".join(text.split()) for text in texts))
        except OSError:     # it has just ended
            continue
    return "; ".join(found)


class Agent:
    def __init__(self, channel):
        self.channel = channel
        self.sending = threading.Lock()
        self.answers = {}       # id of a request with a checksum: its answer, or None until there is one
        self.started = {}
        self.kernel_log = KernelLog()
        os.makedirs(LOG_FOLDER, exist_ok=True)

    def write(self, data):
        data += b"\n"
        with self.sending:
            while data:
                data = data[os.write(self.channel, data):]

    def greet(self):
        self.answers.clear()
        self.write(json.dumps({"ready": True, "kernel": os.uname().release}).encode())

    def is_new(self, number):
        """Whether a request with a checksum is to be done; one that came before is answered again, if it was at all."""
        with self.sending:
            new = number not in self.answers
            answer = self.answers.setdefault(number, None)
            for old in [key for key, text in self.answers.items() if text][:-ANSWERS_KEPT]:
                del self.answers[old]
        if answer:
            self.write(answer)
        return new

    def serve(self):
        """Answers requests until the host hangs up."""
        pending = b""
        while data := os.read(self.channel, 65536):
            *lines, pending = (pending + data).split(b"\n")
            for line in filter(None, lines):
                threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line):
        """Answers a line, unless it is garbled or came before."""
        if line.startswith(b"{"):
            result = self.result(line)
            if result is not None:
                self.write(json.dumps(result).encode())
            return
        checksum, _, line = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(line):
            return
        number = json.loads(line)["id"]
        if self.is_new(number):
            answer = json.dumps(self.result(line)).encode()
            self.answers[number] = b"%08x %s" % (zlib.crc32(answer), answer)
            self.write(self.answers[number])

    def result(self, line):
        number = None
        try:
            request = json.loads(line)
            number = request["id"]
            verb = next((v for v in self.VERBS if v in request), None)
            if verb is None:
                raise Failure(f"no verb in the request; known: {', '.join(self.VERBS)}")
            result = self.VERBS[verb](self, request)
        except (Failure, OSError, ValueError, KeyError, TypeError) as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        return None if result is None else {"id": number, **result}

    def run(self, request):
        process = subprocess.Popen(
            request["run"], start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        timeout = request.get("timeout", DEFAULT_TIMEOUT)
        result = {}
        try:
            out, err = process.communicate(request.get("stdin", "").encode(), timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            result["error"] = f"timeout after {timeout} s: {request['run']}"
            try:
                out, err = process.communicate(timeout=KILL_TIMEOUT)
            except subprocess.TimeoutExpired:
                raise Failure(f"{result['error']}; killed, it is still in {whereabouts(process.pid)}") from None
        return {
            **result,
            "status": shell_status(process.returncode),
            "out": out.decode(errors="replace"),
            "err": err.decode(errors="replace"),
        }

    def start(self, request):
        log = os.path.join(LOG_FOLDER, request.get("log", os.path.basename(request["start"][0])))
        # Who waits for a line waits for this process's own; an earlier one of that name keeps its file.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(log)
        with open(log, "ab") as output:
            process = subprocess.Popen(
                request["start"], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.started[process.pid] = process
        return {"pid": process.pid, "log": log}

    def signal(self, request):
        os.kill(request["signal"], signal.Signals["SIG" + request.get("sig", "TERM")])
        return {}

    def wait(self, request):
        pid = request["wait"]
        if pid not in self.started:
            raise Failure(f"process {pid} was not started by the agent")
        try:
            code = self.started[pid].wait(request.get("timeout", DEFAULT_TIMEOUT))
        except subprocess.TimeoutExpired:
            raise Failure(f"process {pid} is still running") from None
        return {"status": shell_status(code)}

    def put(self, request):
        path = request["put"]
        os.makedirs(os.path.dirname(path) or "/", exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(request["data"], validate=True))
        os.chmod(path, request.get("mode", 0o644))
        return {}

    def get(self, request):
        with open(request["get"], "rb") as file:
            return {"data": base64.b64encode(file.read()).decode()}

    def dmesg(self, _):
        return {"lines": self.kernel_log.news()}

    def hello(self, _):
        self.greet()

    def poweroff(self, _):
        os.sync()
        os.execv("/usr/local/lib/hauberk-lab/busybox", ["busybox", "poweroff", "-f"])

    VERBS = {
        "run": run, "start": start, "signal": signal, "wait": wait, "put": put, "get": get,
        "dmesg": dmesg, "hello": hello, "poweroff": poweroff,
    }


def virtio_port():
    for name in glob.glob("/sys/class/virtio-ports/*/name"):
        with open(name) as file:
            if file.read().strip() == "hauberk.agent":
                return "/dev/" + name.split("/")[-2]
    return None


def say_ready():
    print("HAUBERK-LAB-READY", os.uname().release, flush=True)


def main():
    path = virtio_port()
    if path:
        agent = Agent(os.open(path, os.O_RDWR))
        say_ready()
        while True:
            # Blocks until the host is there, and after it has gone until it is back.
            agent.greet()
            agent.serve()
    # User-mode Linux: a serial line without a notion of being connected. The
    # bridge at its other end says hello for each connection, from the first
    # new-line on: before that, the line is not yet in raw mode.
    line = os.open("/dev/ttyS0", os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line, termios.TCSANOW)
    os.write(line, b"\n")
    say_ready()
    Agent(line).serve()


if __name__ == "__main__":
    sys.exit(main())
