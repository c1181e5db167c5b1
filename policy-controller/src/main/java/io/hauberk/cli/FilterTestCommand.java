// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.proxy.EventScript;
import io.hauberk.proxy.EventScript.TraceLine;
import io.hauberk.proxy.EventScripts;
import io.hauberk.proxy.ProxyException;
import io.hauberk.proxy.Trial;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hauberk filter test}: a filter runs on a script of events, without a kernel. */
@Command(
    name = "test",
    description = {
      "Run a filter on scripts of events, without a kernel, and print all that it calls and all",
      "that it is called with. What a script expects and does not get is told."
    })
final class FilterTestCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODULE",
      description = {
        "The module, or its name without .wasm: looked for in the current folder, the script's,",
        "--modules (default: the one that the script names)"
      })
  private String module;

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Option(
      names = "--modules",
      paramLabel = "DIR",
      description = "Where modules are that scripts name")
  private Path modules = Path.of("build", "filters");

  @Option(
      names = "--traces",
      paramLabel = "DIR",
      description = {
        "Keep each script's trace and its text form in this folder, as NAME.trace and NAME.script,",
        "and print only what fails"
      })
  private Path traces;

  @Option(names = "--only", paramLabel = "NAME", description = "Run the script of this name alone")
  private String only;

  @Option(
      names = "--trace",
      description = "Print the trace and nothing else, and do not look at what is expected")
  private boolean traceOnly;

  @Option(
      names = "--render",
      description = "Run nothing: print scripts in the text form that the kernel takes")
  private boolean render;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  /** Where the events stand. */
  private static final class Source {
    @Option(names = "--script", paramLabel = "FILE", description = "Scripts in YAML; repeatable")
    private List<Path> yaml = new ArrayList<>();

    @Option(names = "--text", paramLabel = "FILE", description = "One script in its text form")
    private Path text;
  }

  /** A script and the folder that it lies in. */
  private record Placed(EventScript script, Path folder) {}

  /** What came of a script. */
  private record Outcome(EventScript script, List<TraceLine> trace, List<String> faults) {
    List<String> lines() {
      return trace.stream().map(TraceLine::text).toList();
    }
  }

  FilterTestCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<Placed> scripts = scripts();
    if (render) {
      scripts.forEach(placed -> context.out().print(placed.script().text()));
      return ExitStatus.OK;
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Placed placed : scripts) {
      Outcome outcome = run(placed);
      outcomes.add(outcome);
      if (traces != null) {
        keep(outcome);
      }
      if (!json) {
        print(outcome, scripts.size() > 1);
      }
    }
    if (json) {
      printJson(outcomes);
    }
    boolean passed = outcomes.stream().allMatch(outcome -> outcome.faults().isEmpty());
    return passed ? ExitStatus.OK : ExitStatus.BAD_DATA;
  }

  private Outcome run(Placed placed) {
    EventScript script = placed.script();
    List<TraceLine> trace = Trial.run(ModuleFile.read(module(placed)), script);
    return new Outcome(script, trace, traceOnly ? List.of() : script.faults(trace));
  }

  private void keep(Outcome outcome) {
    try {
      Files.createDirectories(traces);
      String name = outcome.script().name();
      Files.write(traces.resolve(name + ".trace"), outcome.lines());
      Files.writeString(
          traces.resolve(name + ".script"), outcome.script().text(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CannotCreateException(traces + " cannot be written to: " + e.getMessage());
    }
  }

  private List<Placed> scripts() {
    List<Placed> all = new ArrayList<>();
    for (Path file : source.yaml) {
      EventScripts.read(ModuleFile.require(file))
          .forEach(script -> all.add(new Placed(script, folder(file))));
    }
    if (source.text != null) {
      byte[] text = ModuleFile.read(source.text);
      all.add(
          new Placed(
              EventScripts.ofText(ModuleFile.guestName(source.text), text), folder(source.text)));
    }
    List<Placed> wanted =
        all.stream().filter(placed -> only == null || placed.script().name().equals(only)).toList();
    if (wanted.isEmpty()) {
      throw new ProxyException(only == null ? "there is no script" : "no script is named " + only);
    }
    return wanted;
  }

  private static Path folder(Path file) {
    return Optional.ofNullable(file.getParent()).orElse(Path.of(""));
  }

  private Path module(Placed placed) {
    String name = module != null ? module : placed.script().module();
    if (name.isEmpty()) {
      throw new ProxyException("which module? neither the script nor the command line says");
    }
    return Stream.of(
            Path.of(name),
            Path.of(name + ".wasm"),
            placed.folder().resolve(name + ".wasm"),
            modules.resolve(name + ".wasm"))
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(() -> new NoInputException("there is no module " + name));
  }

  private void print(Outcome outcome, boolean several) {
    PrintStream out = context.out();
    Palette palette = context.palette();
    boolean quiet = traces != null && outcome.faults().isEmpty();
    if (quiet) {
      return;
    }
    if (several) {
      out.println(palette.bold("# " + outcome.script().name()));
    }
    outcome.lines().forEach(out::println);
    if (traceOnly) {
      return;
    }
    out.println(
        outcome.faults().isEmpty()
            ? palette.green(outcome.script().name() + ": passed")
            : palette.red(outcome.script().name() + ": failed"));
    out.flush();
    outcome
        .faults()
        .forEach(fault -> context.err().println(palette.red("hauberk: ") + Text.printable(fault)));
  }

  private void printJson(List<Outcome> outcomes) {
    try (Json out = new Json(context.out())) {
      out.array(
          () ->
              outcomes.forEach(
                  outcome ->
                      out.object(
                          () ->
                              out.put("script", outcome.script().name())
                                  .put("passed", outcome.faults().isEmpty())
                                  .put("trace", outcome.lines())
                                  .put("faults", outcome.faults()))));
    }
  }
}
