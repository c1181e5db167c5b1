# SPDX-License-Identifier: Apache-2.0
"""Test results as TAP."""

import traceback


class Tap:
    """Counts and prints."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, name, problem):
        """problem is None if all is well."""
        self.count += 1
        self.failed += problem is not None
        print(f"{'ok' if problem is None else 'not ok'} {self.count} - {name}", flush=True)
        for line in str(problem).splitlines() if problem is not None else ():
            print(f"# {line}", flush=True)

    def run(self, case, *arguments):
        """A function that raises if it fails, which must not hide those that follow; its name is the check's."""
        problem = None
        try:
            case(*arguments)
        except Exception as error:
            problem = "".join(traceback.format_exception(error))
        self.check(case.__name__.replace("_", " "), problem)

    def finish(self):
        """Prints the plan and returns the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0
