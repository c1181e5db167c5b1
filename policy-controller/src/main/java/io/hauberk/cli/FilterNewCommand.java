// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hauberk filter new}: a folder with a filter that builds. */
@Command(
    name = "new",
    description = {
      "Make a folder with a filter to begin with: its source, a test, and a makefile;",
      "'make' in it builds the filter."
    })
final class FilterNewCommand implements Callable<Integer> {
  private static final String NAME = "[a-z][a-z0-9-]{0,62}";
  private static final String PLACE = "@NAME@";

  private final Context context;

  @Parameters(paramLabel = "NAME", description = "What it is called, and its folder")
  private String name;

  @Option(
      names = "-C",
      paramLabel = "DIR",
      description = "Where its folder is made (default: the current folder)")
  private Path parent = Path.of("");

  @Option(
      names = "--language",
      paramLabel = "LANGUAGE",
      description = "c or assemblyscript (default: c)")
  private String language = "c";

  @Spec private CommandSpec spec;

  /** In what it may be written. */
  private enum Language {
    C(
        new Part("Makefile", "Makefile"),
        new Part("filter.c", PLACE + ".c"),
        new Part("proxy_wasm.h", "proxy_wasm.h"),
        new Part("test.yaml", "test.yaml"),
        new Part("README.md", "README.md")),
    ASSEMBLYSCRIPT(
        new Part("Makefile", "Makefile"),
        new Part("index.ts", "index.ts"),
        new Part("host.ts", "host.ts"),
        new Part("package.json", "package.json"),
        new Part("test.yaml", "test.yaml"),
        new Part("README.md", "README.md"));

    private final List<Part> parts;

    Language(Part... parts) {
      this.parts = List.of(parts);
    }

    private String folder() {
      return "filter/" + name().toLowerCase(Locale.ROOT) + "/";
    }
  }

  /** A file, and what it becomes. */
  private record Part(String from, String to) {}

  FilterNewCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if (!name.matches(NAME)) {
      throw usage("a filter's name is of a-z, 0-9 and '-', begins with a letter, and is short");
    }
    Language chosen = language();
    Path folder = parent.resolve(name);
    if (Files.exists(folder)) {
      throw new CannotCreateException(folder + " is there already");
    }
    try {
      Files.createDirectories(folder);
      for (Part part : chosen.parts) {
        Path to = folder.resolve(part.to().replace(PLACE, name));
        Files.writeString(to, text(chosen, part).replace(PLACE, name));
      }
    } catch (IOException e) {
      throw new CannotCreateException(folder + " cannot be made: " + e.getMessage());
    }
    context
        .out()
        .println(
            context.palette().green(folder.toString())
                + ": now 'make' there, then 'make check' and 'make test'");
    return ExitStatus.OK;
  }

  private Language language() {
    for (Language known : Language.values()) {
      if (known.name().equalsIgnoreCase(language)) {
        return known;
      }
    }
    throw usage("--language is c or assemblyscript, not " + language);
  }

  private static String text(Language language, Part part) throws IOException {
    String resource = language.folder() + part.from();
    try (InputStream in = FilterNewCommand.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
