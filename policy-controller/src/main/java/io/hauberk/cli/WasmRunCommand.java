// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.wasm.Extern;
import io.hauberk.wasm.GuestCall;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestLog;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.GuestResult;
import io.hauberk.wasm.Value;
import io.hauberk.wasm.ValueType;
import io.hauberk.wasm.WasmException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hauberk wasm run}: calls an export in the kernel. */
@Command(
    name = "run",
    description = "Call what a guest exports, in the kernel and in an instance of its own.",
    customSynopsis = {
      "hauberk wasm run [OPTIONS] NAME EXPORT [ARGUMENT...]",
      "       hauberk wasm run [OPTIONS] -f FILE EXPORT [ARGUMENT...]"
    })
final class WasmRunCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Run this module, which is gone from the kernel afterwards")
  private Path file;

  @Option(
      names = "--budget",
      paramLabel = "N",
      description = "How many instructions it may take (default: as many as the kernel allows)")
  private Long budget;

  @Option(names = "--no-floats", description = "With -f: refuse a module that computes with floats")
  private boolean noFloats;

  @Option(names = "--interpret", description = "With -f: interpret it even if it is there compiled")
  private boolean interpret;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  @Parameters(
      arity = "0..*",
      paramLabel = "ARGUMENT",
      description = "The guest's name (unless there is -f), the export, and its arguments")
  private List<String> words = new ArrayList<>();

  @Spec private CommandSpec spec;

  WasmRunCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    int named = file == null ? 1 : 0;
    if (words.size() <= named) {
      throw usage(file == null ? "run needs NAME and EXPORT" : "run needs EXPORT");
    }
    if (budget != null && budget < 1) {
      throw usage("--budget is at least 1");
    }
    if (file == null && (noFloats || interpret)) {
      throw usage("--no-floats and --interpret go with -f");
    }
    String export = words.get(named);
    List<String> arguments = words.subList(named + 1, words.size());
    GuestModule module = file == null ? null : ModuleFile.passing(file, noFloats, interpret);
    try (Device device = context.openDevice()) {
      String guest = words.get(0);
      if (module != null) {
        device.load(module);
        guest = module.name();
      }
      GuestDetails details = device.guest(guest);
      List<Value> values = values(details, export, arguments);
      OptionalLong limit = budget == null ? OptionalLong.empty() : OptionalLong.of(budget);
      long before = device.guestLog(GuestLog.END).position();
      GuestResult result = device.run(new GuestCall(guest, export, values, limit));
      List<String> said = device.guestLog(before).of(guest);
      return print(result, said, details.guest().compiled());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static List<Value> values(GuestDetails details, String export, List<String> arguments) {
    Extern.Function function =
        details
            .function(export)
            .orElseThrow(
                () ->
                    new WasmException(
                        "no function '"
                            + Text.printable(export)
                            + "' is exported; there "
                            + exported(details.functions())));
    List<ValueType> types = function.parameters();
    if (types.size() != arguments.size()) {
      throw new WasmException(
          Text.printable(export)
              + " is "
              + function.description()
              + ": it takes "
              + Text.count(types.size(), "argument")
              + ", not "
              + arguments.size());
    }
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      values.add(Value.parse(types.get(i), arguments.get(i)));
    }
    return values;
  }

  private static String exported(List<String> functions) {
    return functions.isEmpty()
        ? "is none"
        : (functions.size() == 1 ? "is " : "are ") + Text.printable(String.join(", ", functions));
  }

  private int print(GuestResult result, List<String> said, boolean compiled) {
    long nanos = result.duration().toNanos();
    if (json) {
      try (Json out = new Json(context.out())) {
        out.object(
            () ->
                out.put("results", result.values().stream().map(Value::toString).toList())
                    .put("log", said)
                    .put("trap", result.trap())
                    .put("instructions", result.instructions())
                    .put("nanoseconds", nanos)
                    .put("compiled", compiled));
      }
    } else {
      said.forEach(line -> context.out().println(Text.printable(line)));
      result.values().forEach(value -> context.out().println(value));
      context
          .out()
          .println(
              context
                  .palette()
                  .dim(
                      String.format(
                          "%s in %s, %s",
                          Text.count(result.instructions(), "instruction"),
                          Text.time(result.duration()),
                          compiled ? "compiled" : "interpreted")));
    }
    if (result.trap().isEmpty()) {
      return ExitStatus.OK;
    }
    context.out().flush();
    throw new WasmException("trap: " + result.trap());
  }
}
