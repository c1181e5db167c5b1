// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.proxy.FilterInspector;
import io.hauberk.proxy.FilterReport;
import io.hauberk.proxy.FilterReport.Finding;
import io.hauberk.proxy.FilterReport.Gravity;
import io.hauberk.wasm.NativeTool;
import io.hauberk.wasm.ToolException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code hauberk filter check}: whether a module can be a filter, and what would make it better.
 */
@Command(
    name = "check",
    description = {
      "Tell whether modules can be filters, without running them: ABI, imports, exports, floats,",
      "memory, size, and the verdict of the kernel's validator. What can be better is told as well."
    })
final class FilterCheckCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "The modules")
  private List<Path> files;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  FilterCheckCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    files.forEach(ModuleFile::require);
    boolean usable = true;
    List<FilterReport> reports = new ArrayList<>();
    for (Path file : files) {
      FilterReport report = FilterInspector.inspect(ModuleFile.read(file));
      List<Finding> findings = new ArrayList<>(report.findings());
      validate(file, findings);
      FilterReport whole = with(report, findings);
      reports.add(whole);
      usable &= whole.isUsable();
    }
    if (json) {
      printJson(reports);
    } else {
      for (int i = 0; i < files.size(); i++) {
        print(files.get(i), reports.get(i));
      }
    }
    return usable ? ExitStatus.OK : ExitStatus.BAD_DATA;
  }

  private static FilterReport with(FilterReport of, List<Finding> findings) {
    return new FilterReport(
        of.abi(),
        of.size(),
        of.pages(),
        of.maximumPages(),
        of.start(),
        of.floats(),
        of.imports(),
        of.callbacks(),
        findings);
  }

  /** The kernel has the last word on what is valid. */
  private void validate(Path file, List<Finding> findings) {
    try {
      NativeTool.Outcome outcome = context.nativeTool().run("validate", file.toString());
      if (outcome.status() != 0) {
        String verdict = (outcome.out() + outcome.err()).strip();
        findings.add(0, new Finding(Gravity.FAULT, "the kernel refuses it: " + verdict));
      }
    } catch (ToolException e) {
      findings.add(
          new Finding(Gravity.ADVICE, "the kernel's validator was not asked: " + e.getMessage()));
    }
  }

  private void print(Path file, FilterReport report) {
    Palette palette = context.palette();
    context
        .out()
        .println(
            file
                + ": "
                + (report.isUsable() ? palette.green("ok") : palette.red("no filter"))
                + ", "
                + (report.abi().isEmpty() ? "no ABI" : "ABI " + report.abi())
                + ", "
                + Text.bytes(report.size())
                + ", "
                + Text.count(report.pages(), "page")
                + ", "
                + Text.count(report.imports().size(), "import")
                + ", "
                + Text.count(report.callbacks().size(), "callback"));
    for (Finding finding : report.findings()) {
      boolean fault = finding.gravity() == Gravity.FAULT;
      context
          .out()
          .println(
              (fault ? palette.red("  fault:  ") : palette.yellow("  advice: "))
                  + Text.printable(finding.text()));
    }
  }

  private void printJson(List<FilterReport> reports) {
    try (Json out = new Json(context.out())) {
      out.array(
          () -> {
            for (int i = 0; i < reports.size(); i++) {
              String file = files.get(i).toString();
              FilterReport report = reports.get(i);
              out.object(() -> write(out, file, report));
            }
          });
    }
  }

  private static void write(Json out, String file, FilterReport report) {
    out.put("file", file)
        .put("usable", report.isUsable())
        .put("abi", report.abi())
        .put("size", report.size())
        .put("pages", report.pages());
    if (report.maximumPages() >= 0) {
      out.put("maximumPages", report.maximumPages());
    }
    out.put("start", report.start())
        .put("floats", report.floats())
        .put("imports", report.imports())
        .put("callbacks", report.callbacks())
        .put("faults", texts(report, Gravity.FAULT))
        .put("advice", texts(report, Gravity.ADVICE));
  }

  private static List<String> texts(FilterReport report, Gravity gravity) {
    return report.findings().stream()
        .filter(finding -> finding.gravity() == gravity)
        .map(Finding::text)
        .toList();
  }
}
