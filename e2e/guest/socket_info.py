# SPDX-License-Identifier: Apache-2.0
"""What an upgraded socket tells of itself: kmod/include/uapi/hauberk_socket.h, for tests in the guest."""

import collections
import struct

SOL_HAUBERK, SO_INFO, SO_PEER_ID = 0x4842, 1, 2
LAYOUT = "=QQQHHBBBB24s64s64s256s"
SIZE = struct.calcsize(LAYOUT)
PEER_ID_ROOM = 1024   # Python brings no more, and no test needs it

Info = collections.namedtuple("Info", "connection generation peer_not_after version suite direction ktls resumed "
                                      "serial rule identity peer_name")


def _text(field):
    return field.split(b"\0")[0].decode()


def info(sock):
    """Waits for the handshake as a read would, and lets no other Python thread run meanwhile."""
    *numbers, serial_length, serial, rule, identity, peer_name = struct.unpack(
        LAYOUT, sock.getsockopt(SOL_HAUBERK, SO_INFO, SIZE))
    return Info(*numbers, serial[:serial_length], _text(rule), _text(identity), _text(peer_name))


def peer_id(sock):
    return _text(sock.getsockopt(SOL_HAUBERK, SO_PEER_ID, PEER_ID_ROOM))
