#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that nobody here wrote, server and client both upgraded. Run as root in the guest; prints TAP.

    programs.py [--scale N] [--own-records | --plain] PROGRAM...

A program is a file here with its LEGS, the kinds of connections that its trial makes, and check(), which runs it and
raises what is wrong. Two results each: whether the program's own checks are satisfied, and whether each of its
connections was mutual TLS at both ends.
"""

import argparse
import importlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from device_tap import Tap
from trial import Trial


def problem_of(function, *arguments):
    """What is wrong, or None."""
    try:
        function(*arguments)
    except Exception as error:  # a failed check must not hide the others
        return f"{type(error).__name__}: {error}"
    return None


def account(trial):
    trial.stop()
    for line in trial.account():
        print(f"# {line}")


def try_out(name, tap, options):
    program = importlib.import_module(name)
    begin = time.monotonic()
    with Trial(program.LEGS, options) as trial:
        problem = problem_of(program.check, trial)
        tap.check(f"{name} works", problem and f"{problem}\n{trial.logs()}")
        if not options.plain:
            tap.check(f"{name} was upgraded", problem_of(account, trial))
    print(f"# {name}: {time.monotonic() - begin:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="programs.py")
    parser.add_argument("--scale", type=int, default=1, help="how much more work than usual")
    parser.add_argument("--own-records", action="store_true", help="Hauberk's own record layer instead of the kernel's")
    parser.add_argument("--plain", action="store_true", help="no rules: what the programs do without Hauberk")
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    options = parser.parse_args()
    tap = Tap()
    for name in options.programs:
        try_out(name, tap, options)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
