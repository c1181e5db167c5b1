// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Connection;

/** The members that a connection has in JSON, the same in connections and in events. */
final class ConnectionJson {
  private ConnectionJson() {}

  static void write(Json json, Connection connection) {
    json.put("id", connection.id())
        .put("time", connection.time())
        .put("generation", connection.generation())
        .put("rule", connection.rule())
        .put("direction", connection.direction().label())
        .put("localAddress", Text.host(connection.local()))
        .put("localPort", connection.local().getPort())
        .put("remoteAddress", Text.host(connection.remote()))
        .put("remotePort", connection.remote().getPort())
        .put("pid", connection.pid())
        .put("uid", connection.uid())
        .put("comm", connection.comm())
        .put("identity", connection.identity())
        .put("peerId", connection.peerId())
        .put("peerName", connection.peerName())
        .put("peerSerial", connection.peerSerial())
        .put("peerNotAfter", connection.peerNotAfter())
        .put("suite", connection.suiteName())
        .put("ktls", connection.ktls())
        .put("resumed", connection.resumed())
        .put("handshakeMicros", connection.handshake().toNanos() / 1000)
        .put("rxBytes", connection.rxBytes())
        .put("txBytes", connection.txBytes());
  }
}
