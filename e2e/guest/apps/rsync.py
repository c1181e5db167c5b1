# SPDX-License-Identifier: Apache-2.0
"""rsync's daemon: a tree fetched, changed, and sent back."""

from trial import HOST, Leg, expect

PORT = 8730
LEGS = (Leg("rsync", ((PORT, PORT),), least=4),)
CONFIG = """
use chroot = no
uid = root
gid = root
[tree]
path = {folder}/served
read only = no
"""
FILES = 60


def check(trial):
    for number in range(FILES):
        trial.file(f"served/{number % 7}/{number}", number * 500)
    large = trial.file("served/large", 2_000_000 * trial.scale)
    trial.serve(["rsync", "--daemon", "--no-detach", "--address", HOST, "--port", PORT,
                 "--config", trial.file("rsyncd.conf", text=CONFIG.format(folder=trial.path))], PORT)
    url = f"rsync://{HOST}:{PORT}/tree/"

    trial.run("rsync", "-a", url, "copy/")
    trial.run("diff", "-r", "served", "copy")
    with open(large, "r+b") as file:
        file.seek(1_000_000)
        file.write(b"changed")
    output = trial.run("rsync", "-a", "--checksum", "--stats", url, "copy/")
    trial.run("diff", "-r", "served", "copy")
    expect("Number of regular files transferred: 1\n" in output, True, f"a change of one file: {output}")
    trial.file("copy/new/file", 300_000)
    trial.run("rsync", "-az", "--delete", "copy/", url)
    trial.run("diff", "-r", "served", "copy")
    expect(trial.run("rsync", "-a", "--dry-run", "--itemize-changes", "copy/", url), "", "differences in the end")
