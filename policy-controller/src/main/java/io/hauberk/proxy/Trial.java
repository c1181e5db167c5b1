// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import io.hauberk.proxy.Chain.Flow;
import io.hauberk.proxy.Chain.Peer;
import io.hauberk.proxy.EventScript.TraceLine;
import io.hauberk.proxy.TrialText.Word;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs one plugin on the events of a script and writes down what happens; docs/proxy-wasm.md tells
 * what scripts and traces are. Clock and random bytes are virtual.
 */
public final class Trial implements World {
  private static final long STACK_BYTES = 256L << 20;
  private static final String NAME = "trial";
  private static final int BYTE_COUNT = 256;

  private static final Set<String> OF_CONNECTIONS = Set.of("open", "down", "up", "close");

  private final WasmModule module;
  private final Trace trace = new Trace();
  private final Map<String, byte[]> properties = new HashMap<>();
  private final Set<String> upstreams = new HashSet<>();
  private final Map<String, Consumer<Words>> settings = new HashMap<>();
  private final Map<String, Consumer<Words>> events = new HashMap<>();
  private boolean http;
  private boolean open;
  private byte[] vmConfiguration = {};
  private byte[] pluginConfiguration = {};
  private String rootId = "";
  private long clock = 1_700_000_000_000_000_000L;
  private long advanced;
  private int random;
  private long budget = Vm.BUDGET;
  private Vm vm;
  private boolean started;
  private Chain chain;

  private Trial(WasmModule module) {
    this.module = module;
    settings.put("mode", line -> http = line.oneOf("raw", "http").equals("http"));
    settings.put("vm_config", line -> vmConfiguration = line.bytes());
    settings.put("plugin_config", line -> pluginConfiguration = line.bytes());
    settings.put("root", line -> rootId = Bytes.text(line.bytes()));
    settings.put("on_failure", line -> open = line.oneOf("closed", "open").equals("open"));
    settings.put("clock", line -> clock = line.number());
    settings.put("seed", line -> random = (int) (line.number() % BYTE_COUNT));
    settings.put("budget", line -> budget = line.number());
    settings.put("upstream", line -> upstreams.add(line.word()));
    settings.put("property", line -> properties.put(line.word(), line.bytes()));
    events.put("open", line -> open());
    events.put("down", line -> push(Flow.REQUEST, line.bytes(), line.flag("end")));
    events.put("up", line -> push(Flow.RESPONSE, line.bytes(), line.flag("end")));
    events.put("close", line -> close(line.oneOf("local", "remote")));
    events.put("tick", line -> vm.call(Callback.TICK, Vm.ROOT, Vm.ROOT));
    events.put("http_response", line -> respond((int) line.number(), line.bytes()));
    events.put("http_timeout", line -> answer((int) line.number(), CallAnswer.failed("timeout")));
    events.put("queue", line -> queue(line.word()));
    events.put("foreign", line -> vm.callForeign((int) line.number(), line.bytes()));
    events.put("done", line -> done());
  }

  /**
   * Runs a script.
   *
   * @param module the filter's bytes
   * @throws ProxyException if it is no filter that could be run
   */
  public static List<TraceLine> run(byte[] module, EventScript script) {
    WasmModule parsed = parse(module);
    Linkage.require(parsed);
    Trial trial = new Trial(parsed);
    Throwable[] failure = new Throwable[1];
    Thread thread = new Thread(null, () -> trial.run(script.lines()), NAME, STACK_BYTES);
    thread.setUncaughtExceptionHandler((of, thrown) -> failure[0] = thrown);
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProxyException("interrupted while a trial ran", e);
    }
    if (failure[0] != null) {
      throw new IllegalStateException("a trial failed", failure[0]);
    }
    return trial.trace.lines();
  }

  private static WasmModule parse(byte[] module) {
    try {
      return Parser.parse(module);
    } catch (ChicoryException e) {
      throw new ProxyException("not a valid module: " + e.getMessage(), e);
    }
  }

  private void run(List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      trace.setScriptLine(i);
      try {
        line(lines.get(i));
      } catch (ProxyException e) {
        trace.add("error line " + (i + 1) + ": " + e.getMessage());
        return;
      }
    }
  }

  private void line(String text) {
    if (text.isBlank() || text.startsWith("#")) {
      return;
    }
    Words words = new Words(TrialText.words(text));
    String what = words.word();
    if (what.equals("start")) {
      words.end();
      start();
    } else if (what.equals("advance")) {
      advanced += words.number();
      words.end();
    } else if (settings.containsKey(what)) {
      if (started) {
        error("started already");
      } else {
        settings.get(what).accept(words);
        words.end();
      }
    } else if (events.containsKey(what)) {
      event(events.get(what), OF_CONNECTIONS.contains(what), words);
    } else {
      throw new ProxyException("there is no '" + what + "'");
    }
  }

  /** A VM that trapped is of no use but for connections that may do without it. */
  private void event(Consumer<Words> event, boolean passes, Words words) {
    if (!started) {
      error("not started");
    } else if (vm == null || vm.isGone() || vm.isPoisoned() && !(open && passes)) {
      error("not running");
    } else {
      event.accept(words);
      words.end();
      settle();
    }
  }

  private void error(String text) {
    trace.add("error " + text);
  }

  // Events.

  private void start() {
    if (started) {
      error("started already");
      return;
    }
    started = true;
    Optional<String> fault = Vm.fault(module);
    if (fault.isPresent()) {
      error(fault.get());
      return;
    }
    Vm made =
        new Vm(
            module,
            new PluginSettings(NAME, NAME, rootId, vmConfiguration, pluginConfiguration, budget),
            this,
            trace);
    Optional<String> refused = made.start();
    if (refused.isPresent()) {
      error(refused.get());
    } else {
      vm = made;
    }
  }

  private void open() {
    if (chain != null) {
      error("a connection is open");
      return;
    }
    chain = http ? new HttpChain(vm, open, trace) : new RawChain(vm, open, trace);
    chain.begin();
  }

  private void push(Flow flow, byte[] bytes, boolean end) {
    if (chain == null) {
      error("no connection");
      return;
    }
    int room = Math.max(0, Chain.HELD_MAX - chain.held(flow));
    if (bytes.length <= room) {
      chain.push(flow, bytes, end);
      return;
    }
    trace.add("room " + room);
    if (room > 0) {
      chain.push(flow, Arrays.copyOf(bytes, room), false);
    }
  }

  private void close(String peer) {
    if (chain == null) {
      error("no connection");
      return;
    }
    Chain ended = chain;
    chain = null;
    ended.end(peer.equals("local") ? Peer.LOCAL : Peer.REMOTE);
  }

  private void respond(int id, byte[] response) {
    if (!vm.awaits(id)) {
      error("no such call");
      return;
    }
    Optional<CallAnswer> answer = HttpParser.answer(response);
    if (answer.isEmpty()) {
      error("not an HTTP response");
    } else {
      answer(id, answer.get());
    }
  }

  private void answer(int id, CallAnswer answer) {
    if (vm.awaits(id)) {
      vm.answerCall(id, answer);
    } else {
      error("no such call");
    }
  }

  private void queue(String name) {
    Optional<Integer> id = vm.hub().resolveQueue(NAME, name);
    if (id.isEmpty()) {
      error("no such queue");
    } else {
      vm.call(Callback.QUEUE_READY, Vm.ROOT, Vm.ROOT, id.get());
    }
  }

  private void done() {
    if (chain != null) {
      error("a connection is open");
    } else {
      vm.shutDown();
    }
  }

  /** What an event has led to. */
  private void settle() {
    if (chain == null) {
      return;
    }
    chain.resume();
    chain.flush();
    if (chain.hasFailed()) {
      trace.add("fail");
      chain = null;
    } else if (chain.isClosing()) {
      trace.add("close");
      Chain ended = chain;
      chain = null;
      ended.end(Peer.LOCAL);
    }
  }

  // What the VM sees.

  @Override
  public long nanoseconds(boolean monotonic) {
    return monotonic ? advanced : clock + advanced;
  }

  @Override
  public byte[] random(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random++;
    }
    return bytes;
  }

  @Override
  public Optional<byte[]> property(String path) {
    return Optional.ofNullable(properties.get(path));
  }

  @Override
  public boolean hasUpstream(String name) {
    return upstreams.contains(name);
  }

  /** The words of a line, one after the other. */
  private static final class Words {
    private final List<Word> words;
    private int at;

    Words(List<Word> words) {
      this.words = words;
    }

    private Word next(boolean quoted) {
      if (at == words.size() || words.get(at).quoted() != quoted) {
        throw new ProxyException(quoted ? "a string is missing" : "a word is missing");
      }
      return words.get(at++);
    }

    String word() {
      return next(false).text();
    }

    byte[] bytes() {
      return Bytes.of(next(true).text());
    }

    long number() {
      String word = word();
      try {
        return Long.parseUnsignedLong(word);
      } catch (NumberFormatException e) {
        throw new ProxyException("'" + word + "' is not a number");
      }
    }

    String oneOf(String first, String second) {
      String word = word();
      if (!word.equals(first) && !word.equals(second)) {
        throw new ProxyException("'" + word + "' is neither " + first + " nor " + second);
      }
      return word;
    }

    boolean flag(String name) {
      boolean there = at < words.size() && words.get(at).equals(new Word(name, false));
      at += there ? 1 : 0;
      return there;
    }

    void end() {
      if (at < words.size()) {
        throw new ProxyException("'" + words.get(at).text() + "' is too much");
      }
    }
  }
}
