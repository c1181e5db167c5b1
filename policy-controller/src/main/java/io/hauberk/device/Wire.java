// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/** The numbers of the device ABI, as {@code kmod/include/uapi/hauberk.h} has them. */
final class Wire {
  static final int PROTOCOL_VERSION = 1;
  static final int FRAME_MAX = 131_072;
  static final int FRAME_HEADER = 16;
  static final int ATTR_MAX = 65_535;
  static final int ATTR_HEADER = 4;
  static final int ATTR_ALIGN = 4;
  static final int ADDRESS_LENGTH = 16;

  static final int HELLO = 1;
  static final int BEGIN = 2;
  static final int ANCHOR = 3;
  static final int IDENTITY = 4;
  static final int TABLE = 5;
  static final int SETTINGS = 6;
  static final int COMMIT = 7;
  static final int ABORT = 8;
  static final int STATUS = 9;
  static final int CONNECTIONS = 10;
  static final int FOLLOW = 11;

  static final int REPLY = 0x8000;
  static final int HELLO_REPLY = 0x8001;
  static final int STATUS_REPLY = 0x8002;
  static final int RULE_STATUS = 0x8003;
  static final int IDENTITY_STATUS = 0x8004;
  static final int CONNECTION = 0x8005;

  static final int EVENT_OPENED = 0xc000;
  static final int EVENT_CLOSED = 0xc001;
  static final int EVENT_REFUSED = 0xc002;
  static final int EVENT_RULESET = 0xc003;
  static final int EVENT_LOST = 0xc004;

  static final int A_ERRNO = 1;
  static final int A_TEXT = 2;
  static final int A_ITEM = 3;
  static final int A_VERSION = 4;
  static final int A_VERSION_MIN = 5;
  static final int A_VERSION_MAX = 6;
  static final int A_MODULE_VERSION = 7;
  static final int A_INSTANCE = 8;
  static final int A_GENERATION = 9;
  static final int A_EXPECT_GENERATION = 10;
  static final int A_LABEL = 11;
  static final int A_NAME = 12;
  static final int A_SPIFFE_ID = 13;
  static final int A_CERT = 14;
  static final int A_KEY = 15;
  static final int A_OFFSET = 16;
  static final int A_DATA = 17;
  static final int A_HANDSHAKE_TIMEOUT_MS = 18;
  static final int A_HANDSHAKE_MAX = 19;
  static final int A_REPLAY = 20;
  static final int A_TIME_NS = 21;
  static final int A_RULE = 22;
  static final int A_CONNECTION_ID = 23;
  static final int A_DIRECTION = 24;
  static final int A_LOCAL_ADDRESS = 25;
  static final int A_LOCAL_PORT = 26;
  static final int A_REMOTE_ADDRESS = 27;
  static final int A_REMOTE_PORT = 28;
  static final int A_PID = 29;
  static final int A_UID = 30;
  static final int A_COMM = 31;
  static final int A_IDENTITY = 32;
  static final int A_PEER_ID = 33;
  static final int A_PEER_NAME = 34;
  static final int A_PEER_SERIAL = 35;
  static final int A_PEER_NOT_AFTER = 36;
  static final int A_SUITE = 37;
  static final int A_KTLS = 38;
  static final int A_HANDSHAKE_US = 39;
  static final int A_RX_BYTES = 40;
  static final int A_TX_BYTES = 41;
  static final int A_REASON = 42;
  static final int A_LOST = 43;
  static final int A_SERIAL = 44;
  static final int A_NOT_BEFORE = 45;
  static final int A_NOT_AFTER = 46;
  static final int A_KEY_TYPE = 47;
  static final int A_HANDSHAKES_INBOUND = 48;
  static final int A_CONNECTIONS_OPEN = 49;
  static final int A_MATCHED = 50;
  static final int A_OPENED = 51;
  static final int A_REFUSED = 52;
  static final int A_DENIED = 53;
  static final int A_CLOSED = 54;
  static final int A_EVENTS_LOST = 55;
  static final int A_ANCHORS = 56;
  static final int A_HANDSHAKE_RATE = 57;
  static final int A_SESSION_MAX = 58;
  static final int A_RECORD_LAYER = 59;
  static final int A_SESSIONS = 60;
  static final int A_RESUMED = 61;
  static final int A_PLAIN = 62;
  static final int A_PASSED = 63;
  static final int A_HANDSHAKES_OUTBOUND = 64;

  private Wire() {}
}
