# SPDX-License-Identifier: Apache-2.0
"""git's daemon: clone, verify, push, fetch."""

from trial import HOST, Leg, expect

PORT = 9418
LEGS = (Leg("git", ((PORT, PORT),), least=4),)
COMMITS = 5


def _git(trial, folder, *words):
    return trial.run("git", "-C", trial.path / folder, "-c", "user.name=lab", "-c", "user.email=lab@localhost", *words)


def _commit(trial, folder, name, size):
    trial.file(f"{folder}/{name}", size)
    _git(trial, folder, "add", name)
    _git(trial, folder, "commit", "-q", "-m", name)


def _head(trial, folder):
    return _git(trial, folder, "rev-parse", "main").strip()


def check(trial):
    with trial.environment(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*"):
        trial.run("git", "init", "-q", "-b", "main", "work")
        for number in range(COMMITS):
            _commit(trial, "work", f"file-{number}", 200_000 * trial.scale)
        trial.run("git", "clone", "-q", "--bare", "work", "served/project.git")
        trial.serve(["git", "daemon", "--reuseaddr", f"--listen={HOST}", f"--port={PORT}", "--export-all",
                     "--enable=receive-pack", f"--base-path={trial.path / 'served'}"], PORT)
        url = f"git://{HOST}:{PORT}/project.git"

        for clone in ("one", "two"):
            trial.run("git", "clone", "-q", url, clone)
            _git(trial, clone, "fsck", "--strict")
            expect(_head(trial, clone), _head(trial, "work"), "head of a clone")
        _commit(trial, "one", "more", 500_000)
        _git(trial, "one", "push", "-q", "origin", "main")
        _git(trial, "two", "pull", "-q", "--ff-only")
        expect(_head(trial, "two"), _head(trial, "one"), "head after push and pull")
        expect((trial.path / "two/more").read_bytes() == (trial.path / "one/more").read_bytes(), True, "the new file")
        trial.run("git", "-C", "served/project.git", "fsck", "--strict")
