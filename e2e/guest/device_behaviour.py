#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What /dev/hauberk does with good requests: reading, waiting, transactions, generations, events.

Prints TAP. Runs as root in the lab's guest, with the module loaded.
"""

import ctypes
import errno
import os
import select
import sys
import threading

from device_pki import EC_384, RSA_2048, Pki
from device_tap import Tap
from hbk_device import (OFF, ON_TLS_PASSTHROUGH, PATH, PERMISSIVE, RECORDS_OWN, STRICT, Device, Refused, Rule, frame,
                        table)

WEB = "spiffe://example.org/web"
EMPTY = table([])
PLAIN = table([Rule("plain", action=OFF, ports=((9000, 9010),))])
WAIT_S = 60


def fails(number, action, *arguments):
    """Asserts that an action fails with this errno, and returns the exception."""
    try:
        action(*arguments)
    except (OSError, Refused) as error:
        assert error.errno == number, f"expected {errno.errorcode[number]}, got {error!r}"
        return error
    raise AssertionError(f"expected {errno.errorcode[number]}, got none")


def events(device, count):
    """So many events, each waited for."""
    taken = []
    while len(taken) < count:
        assert device.readable(WAIT_S), f"waited in vain after {taken}"
        taken.append(device.read())
    return taken


# --- opening ---------------------------------------------------------------------------------------------------------

def open_asks_for_the_capability(_pki):
    child = os.fork()
    if not child:
        # The mode would keep others out already: what is asked here is a root without the capability.
        libc = ctypes.CDLL(None, use_errno=True)
        cap_net_admin, pr_capbset_drop = 12, 24
        header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        libc.capget(header, data)
        libc.prctl(pr_capbset_drop, cap_net_admin, 0, 0, 0)
        data[0] &= ~(1 << cap_net_admin)
        libc.capset(header, data)
        try:
            os.open(PATH, os.O_RDWR)
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == errno.EPERM, f"open() ended with {status}"


def the_node_is_roots_alone(_pki):
    mode = os.stat(PATH).st_mode & 0o777
    assert mode == 0o600, oct(mode)


def hello_tells_version_and_instance(_pki):
    with Device() as one, Device() as two:
        assert one.hello["VERSION"] == 1 and one.hello["MODULE_VERSION"], one.hello
        assert one.hello["INSTANCE"] == two.hello["INSTANCE"] != 0, (one.hello, two.hello)
        assert one.hello["GENERATION"] == one.generation(), one.hello


# --- reading and waiting ---------------------------------------------------------------------------------------------

def nothing_to_read_is_eagain_without_blocking(_pki):
    with Device(flags=os.O_NONBLOCK) as device:
        fails(errno.EAGAIN, device.read)
        assert device.events() == select.POLLOUT, device.events()


def a_reply_makes_it_readable(_pki):
    with Device() as device:
        device.write(frame("BEGIN", sequence=77))
        assert device.events() == select.POLLIN | select.POLLOUT, device.events()
        reply = device.read()
        assert reply["ERRNO"] == 0 and reply["sequence"] == 77, reply
        assert not device.readable()


def a_buffer_too_small_leaves_the_frame(_pki):
    with Device(flags=os.O_NONBLOCK) as device:
        device.write(frame("BEGIN"))
        fails(errno.EMSGSIZE, device.read, 16)
        assert device.read()["frame"] == "REPLY"
        device.ask("ABORT")
        device.ask("FOLLOW", ("REPLAY", 0))
        device.push(EMPTY)
        fails(errno.EMSGSIZE, device.read, 16)
        assert device.read()["frame"] == "EVENT_RULESET"
        fails(errno.EAGAIN, device.read)


def a_blocked_reader_is_woken_by_a_reply(_pki):
    with Device() as device:
        replies = []
        reader = threading.Thread(target=lambda: replies.append(device.read()), daemon=True)
        reader.start()
        device.write(frame("BEGIN", sequence=5))
        reader.join(WAIT_S)
        assert replies and replies[0]["sequence"] == 5, replies


def a_blocked_reader_is_woken_by_an_event(_pki):
    with Device() as follower, Device() as pusher:
        follower.ask("FOLLOW")
        seen = []
        reader = threading.Thread(target=lambda: seen.append(follower.read()), daemon=True)
        reader.start()
        generation = pusher.push(EMPTY)
        reader.join(WAIT_S)
        assert seen and seen[0]["GENERATION"] == generation, seen


def poll_is_woken_by_an_event(_pki):
    with Device() as follower, Device() as pusher:
        follower.ask("FOLLOW")
        woken = []
        waiter = threading.Thread(target=lambda: woken.append(follower.readable(WAIT_S)), daemon=True)
        waiter.start()
        pusher.push(EMPTY)
        waiter.join(2 * WAIT_S)
        assert woken == [True], woken


def replies_come_before_events(_pki):
    with Device() as device:
        device.ask("FOLLOW")
        device.push(EMPTY)
        assert device.ask("STATUS")[-1]["frame"] == "REPLY"
        assert device.read()["frame"] == "EVENT_RULESET"


def who_does_not_read_cannot_write_for_ever(_pki):
    with Device(flags=os.O_NONBLOCK) as device:
        begun = 0
        while True:
            try:
                device.write(frame("FOLLOW"))
            except OSError as error:
                assert error.errno == errno.EAGAIN, error
                break
            begun += 1
            assert begun < 100000, "the queue of replies has no end"
        assert device.events() == select.POLLIN, device.events()
        os.set_blocking(device.fd, True)
        fails(errno.ENOBUFS, device.write, frame("FOLLOW"))
        for _ in range(begun):
            device.read()
        assert device.events() == select.POLLOUT, device.events()
        device.ask("STATUS")


# --- transactions and generations ------------------------------------------------------------------------------------

def a_push_takes_effect_whole(pki):
    rules = [Rule("web-in", action=STRICT, identity="web", peers=["spiffe://example.org/*"]),
             Rule("mixed-in", action=PERMISSIVE, ports=((8001, 8001),), identity="web", on_tls=ON_TLS_PASSTHROUGH,
                  peers=["spiffe://example.org/*"]),
             Rule("plain", action=OFF, ports=((9000, 9010),))]
    with Device(label="who says hello") as device:
        before = device.generation()
        generation = device.push(
            table(rules), anchors=[pki.cert("ca")],
            identities=[("web", WEB, [pki.cert("web")], pki.key("web")),
                        ("rsa", WEB, [pki.cert("rsa"), pki.cert("ca")], pki.key("rsa"))],
            settings=[("HANDSHAKE_TIMEOUT_MS", 2500), ("HANDSHAKE_MAX", 7), ("HANDSHAKE_RATE", 0),
                      ("SESSION_MAX", 100), ("RECORD_LAYER", RECORDS_OWN)])
        assert generation == before + 1, (before, generation)
        status, *rest = device.ask("STATUS")
        assert status["GENERATION"] == generation and status["LABEL"] == "who says hello", status
        assert status["HANDSHAKE_TIMEOUT_MS"] == 2500 and status["HANDSHAKE_MAX"] == 7, status
        assert status["HANDSHAKE_RATE"] == 0 and status["SESSION_MAX"] == 100, status
        assert status["RECORD_LAYER"] == RECORDS_OWN, status
        assert status["ANCHORS"] == 1 and status["INSTANCE"] == device.hello["INSTANCE"], status
        names = [(f["frame"], f.get("RULE") or f.get("NAME")) for f in rest[:-1]]
        assert names == [("RULE_STATUS", "web-in"), ("RULE_STATUS", "mixed-in"), ("RULE_STATUS", "plain"),
                         ("IDENTITY_STATUS", "rsa"), ("IDENTITY_STATUS", "web")], names
        assert all(f[counter] == 0 for f in rest[:3] for counter in ("RESUMED", "PLAIN", "PASSED")), rest
        rsa, web = rest[3], rest[4]
        assert (rsa["KEY_TYPE"], web["KEY_TYPE"]) == ("rsa-2048", "ec-p256"), rest
        assert web["SPIFFE_ID"] == WEB and web["SERIAL"] and web["NOT_BEFORE"] < web["NOT_AFTER"], web


def every_form_of_key_is_taken(pki):
    with Device() as device:
        device.push(EMPTY, identities=[(f"{name}-{form}", WEB, [pki.cert(name)], key)
                                       for name in ("web", "rsa", "p384")
                                       for form, key in (("pkcs8", pki.key(name)),
                                                         ("traditional", pki.traditional_key(name)))])
        kinds = [f["KEY_TYPE"] for f in device.ask("STATUS") if f["frame"] == "IDENTITY_STATUS"]
        assert kinds == ["ec-p384"] * 2 + ["rsa-2048"] * 2 + ["ec-p256"] * 2, kinds


def the_longest_names_fit(pki):
    spiffe_id = "spiffe://example.org/".ljust(2048, "x")
    name, label = "n" * 63, "l" * 255
    pki.leaf("longest", f"URI:{spiffe_id}")
    rule = Rule(name, action=STRICT, identity=name, peers=[spiffe_id])
    with Device() as device:
        device.ask("FOLLOW")
        device.push(table([rule]), anchors=[pki.cert("ca")],
                    identities=[(name, spiffe_id, [pki.cert("longest")], pki.key("longest"))],
                    commit=[("LABEL", label)])
        status, rule, identity, _ = device.ask("STATUS")
        assert (status["LABEL"], rule["RULE"]) == (label, name), (status, rule)
        assert (identity["NAME"], identity["SPIFFE_ID"]) == (name, spiffe_id), identity
        assert events(device, 1)[0]["LABEL"] == label


def a_large_table_comes_in_parts(_pki):
    count = 2000
    whole = table([Rule(f"rule-{i:04}", ports=((10000 + i, 10000 + i),)) for i in range(count)])
    with Device() as device:
        device.ask("BEGIN")
        device.table(whole, part=4096)
        device.ask("COMMIT")
        rules = [f["RULE"] for f in device.ask("STATUS") if f["frame"] == "RULE_STATUS"]
        assert rules == [f"rule-{i:04}" for i in range(count)], rules[:3]


def an_open_transaction_is_nobody_elses(_pki):
    with Device() as one, Device() as two:
        one.ask("BEGIN")
        one.table(PLAIN)
        generation = two.push(EMPTY)
        assert one.generation() == generation
        assert one.ask("COMMIT")[-1]["GENERATION"] == generation + 1


def abort_and_close_discard(_pki):
    with Device() as watch:
        generation = watch.generation()
        with Device() as device:
            device.ask("BEGIN")
            device.table(PLAIN)
            device.ask("ABORT")
            fails(errno.ENOENT, device.ask, "COMMIT")
            device.ask("BEGIN")
            device.table(PLAIN)
        assert watch.generation() == generation


def the_second_of_two_pushes_is_stale(_pki):
    with Device() as one, Device() as two:
        expect = one.generation()
        for device in (one, two):
            device.ask("BEGIN")
            device.table(EMPTY)
        one.ask("COMMIT", ("EXPECT_GENERATION", expect))
        fails(errno.ESTALE, two.ask, "COMMIT", ("EXPECT_GENERATION", expect))
        assert two.ask("COMMIT", ("EXPECT_GENERATION", expect + 1))[-1]["GENERATION"] == expect + 2


def the_rule_set_outlives_who_pushed_it(_pki):
    with Device() as device:
        generation = device.push(PLAIN, commit=[("LABEL", "gone")])
    with Device() as device:
        status, rule, *_ = device.ask("STATUS")
        assert (status["GENERATION"], status["LABEL"], rule["RULE"]) == (generation, "gone", "plain"), status


# --- events ----------------------------------------------------------------------------------------------------------

def followers_read_the_same_on_their_own(_pki):
    with Device() as one, Device() as two, Device() as idle, Device() as pusher:
        one.ask("FOLLOW")
        two.ask("FOLLOW")
        generations = [pusher.push(EMPTY, commit=[("LABEL", f"push {i}")]) for i in range(3)]
        for follower in (one, two):
            taken = events(follower, 3)
            assert [e["GENERATION"] for e in taken] == generations, taken
            assert [e["LABEL"] for e in taken] == ["push 0", "push 1", "push 2"], taken
            assert all(e["sequence"] == 0 and e["TIME_NS"] for e in taken), taken
            assert not follower.readable()
        assert not idle.readable()


def the_past_is_replayed_as_far_as_asked(_pki):
    with Device() as pusher, Device() as follower:
        generations = [pusher.push(EMPTY) for _ in range(5)]
        follower.ask("FOLLOW", ("REPLAY", 2))
        assert [e["GENERATION"] for e in events(follower, 2)] == generations[-2:]
        assert not follower.readable()
        follower.ask("FOLLOW", ("REPLAY", 4))
        assert [e["GENERATION"] for e in events(follower, 4)] == generations[-4:]
        follower.ask("FOLLOW")
        assert not follower.readable()


def who_falls_behind_is_told_by_how_much(_pki):
    pushes, ring_bytes, event_bytes = 3700, 1 << 20, 16 + 12 + 260 + 12
    with Device() as slow, Device() as pusher:
        lost_before = pusher.ask("STATUS")[0]["EVENTS_LOST"]
        slow.ask("FOLLOW")
        first = pusher.generation() + 1
        for _ in range(pushes):
            pusher.push(EMPTY, commit=[("LABEL", "x" * 255)])
        lost, following = events(slow, 2)
        assert lost["frame"] == "EVENT_LOST", lost
        assert lost["LOST"] == pushes - ring_bytes // event_bytes, lost
        assert following["GENERATION"] == first + lost["LOST"], (lost, following)
        rest = events(slow, pushes - lost["LOST"] - 1)
        assert [e["GENERATION"] for e in rest] == list(range(following["GENERATION"] + 1, first + pushes))
        assert pusher.ask("STATUS")[0]["EVENTS_LOST"] == lost_before + lost["LOST"]


TESTS = [
    open_asks_for_the_capability, the_node_is_roots_alone, hello_tells_version_and_instance,
    nothing_to_read_is_eagain_without_blocking, a_reply_makes_it_readable, a_buffer_too_small_leaves_the_frame,
    a_blocked_reader_is_woken_by_a_reply, a_blocked_reader_is_woken_by_an_event, poll_is_woken_by_an_event,
    replies_come_before_events, who_does_not_read_cannot_write_for_ever, a_push_takes_effect_whole,
    every_form_of_key_is_taken, the_longest_names_fit, a_large_table_comes_in_parts,
    an_open_transaction_is_nobody_elses, abort_and_close_discard, the_second_of_two_pushes_is_stale,
    the_rule_set_outlives_who_pushed_it, followers_read_the_same_on_their_own, the_past_is_replayed_as_far_as_asked,
    who_falls_behind_is_told_by_how_much,
]


def make_pki():
    pki = Pki()
    pki.ca("ca")
    pki.leaf("web", f"URI:{WEB}")
    pki.leaf("rsa", f"URI:{WEB}", algorithm=RSA_2048)
    pki.leaf("p384", f"URI:{WEB}", algorithm=EC_384)
    return pki


def main():
    if os.geteuid():
        sys.exit("device_behaviour: must run as root")
    tap, pki = Tap(), make_pki()
    for test in TESTS:
        tap.run(test, pki)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
