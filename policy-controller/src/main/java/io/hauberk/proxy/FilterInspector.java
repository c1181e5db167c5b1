// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CustomSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import io.hauberk.proxy.FilterReport.Finding;
import io.hauberk.proxy.FilterReport.Gravity;
import io.hauberk.proxy.Linkage.Imported;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks at a module without running it, and tells what stands in its way as a filter. */
public final class FilterInspector {
  private static final int SIZE_MAX = 16 << 20;
  private static final int SIZE_LARGE = 1 << 20;
  private static final int PAGES_OF_RUST = 17;
  private static final int PAGE_KIB = 64;
  private static final int SHOWN = 8;
  private static final String OLD_ABI = "proxy_abi_version_0_1_0";
  private static final String ABI = "proxy_abi_version_";

  /** Callbacks of the ABI that this host has no reason to call. */
  private static final Set<String> OF_GRPC =
      Set.of(
          "proxy_on_grpc_receive_initial_metadata",
          "proxy_on_grpc_receive",
          "proxy_on_grpc_receive_trailing_metadata",
          "proxy_on_grpc_close");

  /** What some kits export beyond the ABI. */
  private static final Set<String> HARMLESS =
      Set.of(
          "proxy_validate_configuration",
          "proxy_on_request_metadata",
          "proxy_on_response_metadata",
          "proxy_on_grpc_trailing_metadata");

  private static final Set<Callback> OF_STREAMS =
      Set.of(
          Callback.NEW_CONNECTION,
          Callback.DOWNSTREAM_DATA,
          Callback.UPSTREAM_DATA,
          Callback.DOWNSTREAM_CONNECTION_CLOSE,
          Callback.UPSTREAM_CONNECTION_CLOSE,
          Callback.REQUEST_HEADERS,
          Callback.REQUEST_BODY,
          Callback.REQUEST_TRAILERS,
          Callback.RESPONSE_HEADERS,
          Callback.RESPONSE_BODY,
          Callback.RESPONSE_TRAILERS,
          Callback.LOG,
          Callback.TICK);

  /** What is to be done about imports of such a module. */
  private static final Map<String, String> ADVICE =
      Map.of(
          "env",
              "a function that is declared but not defined: define it, and do not link with"
                  + " --allow-undefined",
          "wasi_snapshot_preview1", "filters have no files, sockets or processes",
          "wasi_unstable", "filters have no files, sockets or processes",
          "gojs", "build it for WASI: GOOS=wasip1 -buildmode=c-shared",
          "go", "build it for WASI: GOOS=wasip1 -buildmode=c-shared",
          "__wbindgen_placeholder__", "wasm-bindgen is for browsers: do not use it",
          "wbg", "wasm-bindgen is for browsers: do not use it");

  private final byte[] bytes;
  private final List<Finding> faults = new ArrayList<>();
  private final List<Finding> advice = new ArrayList<>();

  private FilterInspector(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Looks at a module. */
  public static FilterReport inspect(byte[] module) {
    return new FilterInspector(module).report();
  }

  private void fault(String text) {
    faults.add(new Finding(Gravity.FAULT, text));
  }

  private void advise(String text) {
    advice.add(new Finding(Gravity.ADVICE, text));
  }

  private FilterReport report() {
    WasmModule module;
    try {
      module = Parser.parse(bytes);
    } catch (ChicoryException e) {
      fault("it is not a valid module: " + e.getMessage());
      return new FilterReport(
          "", bytes.length, 0, 0, false, List.of(), List.of(), List.of(), faults);
    }
    ModuleExports exports = new ModuleExports(module);
    String abi = abi(exports);
    List<String> callbacks = callbacks(exports);
    List<Imported> imports = imports(module, abi);
    Optional<MemoryLimits> memory = memory(module);
    List<String> floats = floats(module);
    start(module, exports);
    size(module);
    List<Finding> findings = new ArrayList<>(faults);
    findings.addAll(advice);
    return new FilterReport(
        abi,
        bytes.length,
        memory.map(MemoryLimits::initialPages).orElse(0),
        memory
            .map(MemoryLimits::maximumPages)
            .filter(pages -> pages < MemoryLimits.MAX_PAGES)
            .orElse(-1),
        module.startSection().isPresent(),
        floats,
        imports.stream().map(Imported::label).toList(),
        callbacks,
        List.copyOf(findings));
  }

  private String abi(ModuleExports exports) {
    Optional<String> marker = Vm.ABI_VERSIONS.stream().filter(exports::has).reduce((a, b) -> b);
    if (marker.isEmpty()) {
      fault(
          exports.has(OLD_ABI)
              ? "it is for ABI 0.1.0, whose callbacks are others: build it with a newer kit"
              : "it exports neither "
                  + String.join(" nor ", Vm.ABI_VERSIONS)
                  + ": it is no filter, or the linker has dropped what it exports");
    }
    return marker.map(name -> name.substring(ABI.length()).replace('_', '.')).orElse("");
  }

  private List<String> callbacks(ModuleExports exports) {
    List<String> found = new ArrayList<>();
    for (Callback callback : Callback.values()) {
      if (!exports.has(callback.export())) {
        continue;
      }
      if (exports.agrees(callback.export(), callback.type())) {
        found.add(callback.export());
      } else {
        fault(callback.export() + " is not " + callback.type() + ", as the ABI has it");
      }
    }
    for (String name : Vm.ALLOCATORS) {
      if (!exports.agrees(name, HostCalls.ALLOCATOR)) {
        fault(name + " is not " + HostCalls.ALLOCATOR + ", as the ABI has it");
      }
    }
    if (Vm.ALLOCATORS.stream().noneMatch(exports::has)) {
      fault(
          "it exports neither "
              + String.join(" nor ", Vm.ALLOCATORS)
              + ": the host could hand nothing over to it");
    }
    if (OF_STREAMS.stream().noneMatch(callback -> exports.has(callback.export()))) {
      advise("it has no callback for connections or requests: it sees nothing of them");
    }
    strangers(exports);
    return found;
  }

  private void strangers(ModuleExports exports) {
    if (exports.names().stream().anyMatch(OF_GRPC::contains)) {
      advise("it has callbacks for calls by gRPC, which there are none of: they are not called");
    }
    List<String> known = Arrays.stream(Callback.values()).map(Callback::export).toList();
    for (String name : exports.names()) {
      if (name.startsWith("proxy_on_")
          && !known.contains(name)
          && !OF_GRPC.contains(name)
          && !Vm.ALLOCATORS.contains(name)
          && !HARMLESS.contains(name)) {
        advise(name + " is no callback of the ABI: it is never called");
      }
    }
  }

  private List<Imported> imports(WasmModule module, String abi) {
    List<Imported> imports = Linkage.of(module);
    for (Imported imported : imports) {
      if (!imported.fault().isEmpty()) {
        String hint = ADVICE.getOrDefault(imported.module(), "");
        fault(
            "it imports "
                + imported.label()
                + ": "
                + imported.fault()
                + (hint.isEmpty() ? "" : " (" + hint + ")"));
      }
    }
    if (imports.stream().anyMatch(imported -> imported.name().startsWith("proxy_grpc_"))) {
      advise("it imports what calls by gRPC, which always answers UNIMPLEMENTED");
    }
    if (abi.equals("0.2.0")
        && imports.stream().anyMatch(i -> i.name().equals("proxy_get_log_level"))) {
      advise("proxy_get_log_level is of ABI 0.2.1, not of the 0.2.0 that it says it is for");
    }
    return imports;
  }

  private Optional<MemoryLimits> memory(WasmModule module) {
    Optional<MemoryLimits> memory =
        module
            .memorySection()
            .filter(section -> section.memoryCount() > 0)
            .map(section -> section.getMemory(0).limits());
    if (memory.isEmpty()) {
      fault("it has no memory of its own");
      return memory;
    }
    int pages = memory.get().initialPages();
    if (pages > GuestMemory.PAGES_MAX) {
      fault("it begins with " + pages + " pages of memory; " + GuestMemory.PAGES_MAX + " may be");
    } else if (pages >= PAGES_OF_RUST) {
      advise(
          "it begins with "
              + pages
              + " pages ("
              + pages * PAGE_KIB
              + " KiB) of memory for each instance, most of it a stack of 1 MiB: link with"
              + " -z stack-size=8192 (Rust: -C link-arg=-zstack-size=8192)");
    }
    boolean exported = false;
    for (int i = 0; i < module.exportSection().exportCount(); i++) {
      exported |= module.exportSection().getExport(i).exportType() == ExternalType.MEMORY;
    }
    if (!exported) {
      advise("it does not export its memory, which other hosts want");
    }
    return memory;
  }

  private List<String> floats(WasmModule module) {
    List<String> found = new ArrayList<>();
    int imported = module.importSection().count(ExternalType.FUNCTION);
    for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
      if (computesWithFloats(module.codeSection().getFunctionBody(i))) {
        String name =
            module.nameSection() == null ? null : module.nameSection().nameOfFunction(imported + i);
        found.add(name == null ? "function " + (imported + i) : name);
      }
    }
    if (!found.isEmpty()) {
      List<String> shown = found.subList(0, Math.min(SHOWN, found.size()));
      advise(
          "it computes with floats, in "
              + String.join(", ", shown)
              + (found.size() > shown.size()
                  ? " and " + (found.size() - shown.size()) + " more"
                  : "")
              + ": where they are forbidden (--no-floats) it is refused, and a kernel computes"
              + " slowly with them; printf and strtod bring them in");
    }
    return found;
  }

  private static boolean computesWithFloats(FunctionBody body) {
    return body.instructions().stream()
        .map(instruction -> instruction.opcode().name())
        .anyMatch(name -> name.contains("F32") || name.contains("F64"));
  }

  private void start(WasmModule module, ModuleExports exports) {
    if (module.startSection().isPresent()) {
      advise("it has a start function: only proxy_log and WASI's functions may be called in it");
    }
    if (exports.has(Callback.START.export()) && exports.has(Callback.INITIALIZE.export())) {
      advise("_start is not called: it exports _initialize as well");
    }
  }

  private void size(WasmModule module) {
    if (bytes.length > SIZE_MAX) {
      fault("it is " + bytes.length + " bytes long; " + SIZE_MAX + " may be");
    } else if (bytes.length > SIZE_LARGE) {
      advise("it is " + bytes.length + " bytes long: the kernel keeps all of its code in memory");
    }
    boolean debug =
        module.customSections().stream()
            .map(CustomSection::name)
            .anyMatch(name -> name.startsWith(".debug") || name.startsWith("reloc."));
    if (debug) {
      advise("it brings what debuggers want: leave that out with -Wl,--strip-all, or wasm-strip");
    }
  }
}
