// SPDX-License-Identifier: Apache-2.0
// node_peer.js serve HTTP_PORT ECHO_PORT
// node_peer.js check HTTP_PORT ECHO_PORT ROUNDS
//
// The server answers a POST with the SHA-256 of its body, and echoes on the other port, half-closed as long as there
// is something to send back. The client uses both at once, and ends with a line of what it did, or with status 1.
"use strict";
const assert = require("assert");
const crypto = require("crypto");
const http = require("http");
const net = require("net");

const HOST = "127.0.0.1";
const PARALLEL = 10;
const BODY_LENGTH = 100000;
const ECHO_LENGTH = 1000000;

const sha256 = (data) => crypto.createHash("sha256").update(data).digest("hex");

function serve(httpPort, echoPort) {
  // A slow machine must not make the server end a connection that the client is about to use again.
  http
    .createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const hash = crypto.createHash("sha256");
      request.on("data", (piece) => hash.update(piece));
      request.on("end", () => response.end(hash.digest("hex")));
    })
    .listen(httpPort, HOST);
  net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(echoPort, HOST);
}

function post(agent, port) {
  const body = crypto.randomBytes(BODY_LENGTH);
  return new Promise((resolve, reject) => {
    const request = http.request({ host: HOST, port, method: "POST", agent }, (response) => {
      let answer = "";
      response.on("data", (piece) => (answer += piece));
      response.on("end", () => resolve(assert.strictEqual(answer, sha256(body))));
    });
    request.on("error", reject);
    request.end(body);
  });
}

function echo(port) {
  const sent = crypto.randomBytes(ECHO_LENGTH);
  return new Promise((resolve, reject) => {
    const got = [];
    const socket = net.connect({ host: HOST, port, allowHalfOpen: true }, () => socket.end(sent));
    socket.on("data", (piece) => got.push(piece));
    socket.on("error", reject);
    socket.on("end", () => resolve(assert.ok(Buffer.concat(got).equals(sent))));
  });
}

async function check(httpPort, echoPort, rounds) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: PARALLEL });
  const work = [];
  for (let i = 0; i < rounds * PARALLEL; i++) work.push(post(agent, httpPort));
  for (let i = 0; i < PARALLEL; i++) work.push(echo(echoPort));
  await Promise.all(work);
  agent.destroy();
  console.log(`${rounds * PARALLEL} posts, ${PARALLEL} echoes`);
}

const [verb, ...numbers] = process.argv.slice(2);
({ serve, check })[verb](...numbers.map(Number));
