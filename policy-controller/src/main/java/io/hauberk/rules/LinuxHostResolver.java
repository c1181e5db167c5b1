// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Asks the machine that this runs on. */
public final class LinuxHostResolver implements HostResolver {
  private static final Pattern INODE = Pattern.compile("net:\\[([0-9]+)\\]");
  private static final int GETENT_SECONDS = 5;

  private final Path root;

  public LinuxHostResolver() {
    this(Path.of("/"));
  }

  /** Looks below another root folder than the machine's. */
  LinuxHostResolver(Path root) {
    this.root = root;
  }

  @Override
  public OptionalLong uid(String name) {
    return account("passwd", name);
  }

  @Override
  public OptionalLong gid(String name) {
    return account("group", name);
  }

  @Override
  public OptionalLong cgroup(String path) {
    // The id of a control group is the inode number of its folder.
    Path unified = root.resolve("sys/fs/cgroup/unified");
    Path base = Files.isDirectory(unified) ? unified : root.resolve("sys/fs/cgroup");
    return Files.exists(base.resolve("cgroup.procs"))
        ? inode(base.resolve(path.substring(1)))
        : OptionalLong.empty();
  }

  @Override
  public OptionalLong netns(String name) {
    Matcher matcher = INODE.matcher(name);
    if (matcher.matches()) {
      return OptionalLong.of(Long.parseLong(matcher.group(1)));
    }
    try {
      return inode(root.resolve(name.startsWith("/") ? name.substring(1) : "run/netns/" + name));
    } catch (InvalidPathException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public Optional<InetAddress> address(String host) {
    try {
      return Optional.of(InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static OptionalLong inode(Path path) {
    try {
      return OptionalLong.of((Long) Files.getAttribute(path, "unix:ino"));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private OptionalLong account(String database, String name) {
    try (Stream<String> lines = Files.lines(root.resolve("etc").resolve(database))) {
      OptionalLong id =
          lines.map(line -> id(line, name)).flatMapToLong(OptionalLong::stream).findFirst();
      return id.isPresent() ? id : getent(database, name);
    } catch (IOException e) {
      return getent(database, name);
    }
  }

  /** Directory services know accounts that the file does not. */
  private static OptionalLong getent(String database, String name) {
    try {
      Process process = new ProcessBuilder("getent", database, name).start();
      String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(GETENT_SECONDS, TimeUnit.SECONDS);
      return id(line.strip(), name);
    } catch (IOException e) {
      return OptionalLong.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }

  private static OptionalLong id(String line, String name) {
    String[] fields = line.split(":");
    boolean found = fields.length > 2 && fields[0].equals(name) && fields[2].matches("[0-9]{1,10}");
    return found ? OptionalLong.of(Long.parseLong(fields[2])) : OptionalLong.empty();
  }
}
