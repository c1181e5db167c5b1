// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.wasm.WasmModule;
import io.hauberk.proxy.HostCall.Kind;
import io.hauberk.proxy.HostCall.When;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A guest as a VM with one plugin: its root context and its streams. When the guest has trapped it
 * is poisoned, and nothing in it is called any more.
 */
final class Vm {
  static final int ROOT = 1;

  /** Instructions of a callback, if nobody says another number. */
  static final long BUDGET = 1_000_000;

  /** The same, before the first connection. */
  private static final long START_BUDGET = 100_000_000;

  private static final int CALLS_MAX = 64;
  private static final int LOG_MAX = 4096;
  static final List<String> ABI_VERSIONS =
      List.of("proxy_abi_version_0_2_0", "proxy_abi_version_0_2_1");

  static final List<String> ALLOCATORS = List.of("proxy_on_memory_allocate", "malloc");

  private final PluginSettings settings;
  private final World world;
  private final Trace trace;
  private final Hub hub;
  private final GuestInstance guest;
  private final Map<Integer, StreamContext> streams = new LinkedHashMap<>();
  private final Map<BufferType, ByteQueue> readOnly = new EnumMap<>(BufferType.class);
  private final Set<Integer> calls = new TreeSet<>();
  private final Map<String, byte[]> rootProperties = new HashMap<>();
  private final List<StreamContext> finished = new ArrayList<>();
  private CallAnswer answer = CallAnswer.NONE;
  private boolean answering;
  private int lastContext = ROOT;
  private int lastCall;
  private int effective = ROOT;
  private int depth;
  private boolean starting = true;
  private boolean allocating;
  private boolean poisoned;
  private RootState root = RootState.LIVES;

  private enum RootState {
    LIVES,
    PENDING,
    DONE,
    GONE
  }

  Vm(WasmModule module, PluginSettings settings, World world, Trace trace) {
    this.settings = settings;
    this.world = world;
    this.trace = trace;
    this.hub = new Hub(settings.vmId());
    List<HostFunction> imports = new ArrayList<>();
    HostCalls.BY_MODULE.forEach(
        (from, functions) ->
            functions.forEach(
                function ->
                    imports.add(
                        new HostFunction(
                            from,
                            function.name(),
                            function.type(),
                            (instance, values) -> answer(function, values)))));
    this.guest = new GuestInstance(module, imports, START_BUDGET);
  }

  World world() {
    return world;
  }

  Hub hub() {
    return hub;
  }

  GuestMemory memory() {
    return guest.memory();
  }

  boolean isPoisoned() {
    return poisoned;
  }

  boolean has(Callback callback) {
    return guest.exports(callback.export(), callback.type());
  }

  /** What makes a module no filter; nothing of it has run then. */
  static Optional<String> fault(WasmModule module) {
    ModuleExports exports = new ModuleExports(module);
    if (ABI_VERSIONS.stream().noneMatch(exports::has)) {
      return Optional.of("it exports neither " + String.join(" nor ", ABI_VERSIONS));
    }
    boolean typed =
        Arrays.stream(Callback.values())
                .allMatch(callback -> exports.agrees(callback.export(), callback.type()))
            && ALLOCATORS.stream().allMatch(name -> exports.agrees(name, HostCalls.ALLOCATOR));
    if (!typed) {
      return Optional.of("a callback that it exports has another type than it should");
    }
    return ALLOCATORS.stream().anyMatch(exports::has)
        ? Optional.empty()
        : Optional.of("it exports neither " + String.join(" nor ", ALLOCATORS));
  }

  /** Runs all that comes before the first connection; tells why the plugin cannot be used. */
  Optional<String> start() {
    guard(guest::start);
    if (has(Callback.INITIALIZE)) {
      call(Callback.INITIALIZE, ROOT);
      call(Callback.MAIN, ROOT, 0, 0);
    } else {
      call(Callback.START, ROOT);
    }
    starting = false;
    call(Callback.CONTEXT_CREATE, ROOT, ROOT, 0);
    if (!configure(Callback.VM_START, BufferType.VM_CONFIGURATION, settings.vm())) {
      return Optional.of(refusal("the plugin refused its VM configuration"));
    }
    if (!configure(Callback.CONFIGURE, BufferType.PLUGIN_CONFIGURATION, settings.plugin())) {
      return Optional.of(refusal("the plugin refused its configuration"));
    }
    guest.setBudget(settings.budget());
    return poisoned ? Optional.of(refusal("")) : Optional.empty();
  }

  private String refusal(String otherwise) {
    return poisoned ? "the guest trapped" : otherwise;
  }

  private boolean configure(Callback callback, BufferType type, byte[] configuration) {
    readOnly.put(type, new ByteQueue(configuration));
    int answered = call(callback, ROOT, ROOT, configuration.length);
    readOnly.remove(type);
    return answered != 0 && !poisoned;
  }

  /** Something that may trap; then the VM is poisoned. */
  private void guard(Runnable action) {
    try {
      action.run();
    } catch (GuestTrap e) {
      poisoned = true;
      trace.add("trap " + e.getMessage());
    }
  }

  /**
   * Calls back in a context, if the guest has such a callback and is not poisoned.
   *
   * @return what it answered; 0 if it trapped
   */
  int call(Callback callback, int context, int... arguments) {
    if (poisoned || !has(callback)) {
      return poisoned ? 0 : callback.absent();
    }
    effective = context;
    depth++;
    String line = "callback " + callback.export() + "(" + text(arguments) + ")";
    int[] result = {0};
    guard(
        () -> {
          try {
            result[0] = guest.call(callback.export(), arguments);
          } catch (GuestTrap e) {
            trace.add(line + " -> trap");
            throw e;
          }
          trace.add(
              callback.hasResult() ? line + " -> " + Integer.toUnsignedString(result[0]) : line);
        });
    depth--;
    effective = ROOT;
    finish();
    return result[0];
  }

  private static String text(int... arguments) {
    return String.join(", ", Arrays.stream(arguments).mapToObj(Integer::toUnsignedString).toList());
  }

  /** A function of the host is called. */
  private long[] answer(HostCall function, long... values) {
    Call call = new Call(this, function, values);
    String line = "call " + function.name() + "(" + call.arguments() + ")";
    if (allocating && !function.allowed().contains(When.ALLOCATION)
        || starting && !function.allowed().contains(When.START)) {
      trace.add(line + " -> refused");
      throw new GuestTrap(GuestTrap.HOST);
    }
    if (function.kind() == Kind.SILENT) {
      trace.add(line);
      function.handler().handle(call);
      return new long[0];
    }
    Answer answered = answer(function, call);
    int code = answered.code();
    trace.add(line + " -> " + code + (code == 0 ? call.results() : ""));
    return new long[] {code};
  }

  private static Answer answer(HostCall function, Call call) {
    if (function.kind() == Kind.PROXY) {
      if (!call.isNamed()) {
        return Status.BAD_ARGUMENT;
      }
      if (!call.isSound()) {
        return Status.INVALID_MEMORY_ACCESS;
      }
    }
    return function.handler().handle(call);
  }

  /** Memory of the guest's own; 0 if it gives none. */
  int allocate(int length) {
    Optional<String> allocator =
        ALLOCATORS.stream().filter(name -> guest.exports(name, HostCalls.ALLOCATOR)).findFirst();
    if (allocator.isEmpty()) {
      return 0;
    }
    allocating = true;
    try {
      return guest.call(allocator.get(), length);
    } finally {
      allocating = false;
    }
  }

  void log(LogLevel level, byte[] text) {
    trace.add(
        "log "
            + level.name().toLowerCase(Locale.ROOT)
            + " "
            + Trace.bytes(Arrays.copyOf(text, Math.min(text.length, LOG_MAX))));
  }

  void setTickPeriod(int milliseconds) {
    trace.add("tick " + Integer.toUnsignedString(milliseconds));
  }

  // Contexts.

  int nextContext() {
    return ++lastContext;
  }

  void add(StreamContext stream) {
    streams.put(stream.id(), stream);
    call(Callback.CONTEXT_CREATE, stream.id(), stream.id(), ROOT);
  }

  /** The stream that functions of the host act on; nothing if it is the root. */
  Optional<StreamContext> effectiveStream() {
    return Optional.ofNullable(streams.get(effective));
  }

  Status setEffective(int context) {
    if (context != ROOT && !streams.containsKey(context)) {
      return Status.BAD_ARGUMENT;
    }
    effective = context;
    return Status.OK;
  }

  /** The connection or the exchange of a stream has ended. */
  void end(StreamContext stream) {
    if (call(Callback.DONE, stream.id(), stream.id()) == 0) {
      stream.setPending(true);
    } else {
      delete(stream);
    }
  }

  private void delete(StreamContext stream) {
    call(Callback.LOG, stream.id(), stream.id());
    call(Callback.DELETE, stream.id(), stream.id());
    streams.remove(stream.id());
  }

  /** The plugin is to end. */
  void shutDown() {
    root = call(Callback.DONE, ROOT, ROOT) == 0 ? RootState.PENDING : RootState.DONE;
    finish();
  }

  boolean isGone() {
    return root == RootState.GONE;
  }

  Status done() {
    Optional<StreamContext> stream = effectiveStream();
    if (stream.isPresent() && stream.get().isPending()) {
      stream.get().setPending(false);
      finished.add(stream.get());
      return Status.OK;
    }
    if (stream.isEmpty() && root == RootState.PENDING) {
      root = RootState.DONE;
      return Status.OK;
    }
    return Status.NOT_FOUND;
  }

  /** Lets go of what said that it is done, unless a callback runs. */
  private void finish() {
    if (depth > 0) {
      return;
    }
    while (!finished.isEmpty() && !poisoned) {
      delete(finished.remove(0));
    }
    if (root == RootState.DONE && !poisoned) {
      root = RootState.GONE;
      List.copyOf(streams.values()).forEach(this::delete);
      call(Callback.DELETE, ROOT, ROOT);
    }
  }

  // What functions of the host look at.

  Optional<ByteQueue> buffer(BufferType type) {
    Optional<ByteQueue> fixed = Optional.ofNullable(readOnly.get(type));
    return fixed.or(() -> effectiveStream().flatMap(stream -> stream.buffer(type)));
  }

  boolean isWritable(BufferType type) {
    return !readOnly.containsKey(type);
  }

  Optional<HeaderMap> map(MapType type) {
    return switch (type) {
      case HTTP_CALL_RESPONSE_HEADERS ->
          answering ? Optional.of(answer.headers()) : Optional.empty();
      case HTTP_CALL_RESPONSE_TRAILERS ->
          answering ? Optional.of(answer.trailers()) : Optional.empty();
      default -> effectiveStream().flatMap(stream -> stream.map(type));
    };
  }

  boolean isWritable(MapType type) {
    return effectiveStream().map(stream -> stream.isWritable(type)).orElse(false);
  }

  /** What the filter has set in this context. */
  Map<String, byte[]> properties() {
    return effectiveStream().map(StreamContext::properties).orElse(rootProperties);
  }

  /** Parts of the path are separated by dots. */
  Optional<byte[]> property(String path) {
    return switch (path) {
      case "plugin_name" -> Optional.of(utf8(settings.name()));
      case "plugin_root_id" -> Optional.of(Bytes.of(settings.rootId()));
      case "plugin_vm_id" -> Optional.of(utf8(settings.vmId()));
      default ->
          Optional.ofNullable(properties().get(path))
              .or(() -> effectiveStream().flatMap(context -> context.property(path)))
              .or(() -> world.property(path));
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // Calls of the guest's to others, and what comes from them.

  Optional<Integer> beginCall() {
    if (calls.size() == CALLS_MAX) {
      return Optional.empty();
    }
    calls.add(++lastCall);
    return Optional.of(lastCall);
  }

  boolean awaits(int call) {
    return calls.contains(call);
  }

  CallAnswer answer() {
    return answer;
  }

  void answerCall(int id, CallAnswer given) {
    calls.remove(id);
    answer = given;
    answering = given.isThere();
    if (given.isThere()) {
      readOnly.put(BufferType.HTTP_CALL_RESPONSE_BODY, new ByteQueue(given.body()));
    }
    call(
        Callback.HTTP_CALL_RESPONSE,
        ROOT,
        ROOT,
        id,
        given.headers().size(),
        given.body().length,
        given.trailers().size());
    readOnly.remove(BufferType.HTTP_CALL_RESPONSE_BODY);
    answering = false;
    answer = CallAnswer.NONE;
  }

  void callForeign(int function, byte[] arguments) {
    readOnly.put(BufferType.FOREIGN_FUNCTION_ARGUMENTS, new ByteQueue(arguments));
    call(Callback.FOREIGN_FUNCTION, ROOT, ROOT, function, arguments.length);
    readOnly.remove(BufferType.FOREIGN_FUNCTION_ARGUMENTS);
  }
}
