# SPDX-License-Identifier: Apache-2.0
# Shared by the lab's scripts: where things are kept and how one long job is
# done by one process at a time.
# shellcheck shell=bash

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(dirname "$LAB")
CACHE=${HAUBERK_CACHE:-$HOME/.cache/hauberk}
mkdir -p "$CACHE"

note() { printf 'lab: %s\n' "$*" >&2; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# The first 16 digits of a hash over everything on standard input.
key() { sha256sum | cut -c1-16; }

# once NAME COMMAND...: run COMMAND while holding a lock, so that two builds
# of the same thing do not run side by side. The command must look again
# whether its product exists.
once() {
	local name=$1
	shift
	mkdir -p "$CACHE/lock"
	(
		flock 9
		"$@" 9>&-
	) 9>"$CACHE/lock/$name"
}
