// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names are looked up where Linux keeps them. */
class LinuxHostResolverTest {
  @TempDir private Path root;

  private LinuxHostResolver resolver;

  @BeforeEach
  void layOutAMachine() throws IOException {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/passwd"), "broken\nalice:x:1234:5:Alice:/:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "staff:x:50:alice\n");
    Files.createDirectories(root.resolve("sys/fs/cgroup/system.slice/nginx.service"));
    Files.createDirectories(root.resolve("run/netns"));
    Files.writeString(root.resolve("run/netns/red"), "");
    resolver = new LinuxHostResolver(root);
  }

  private static long inode(Path path) throws IOException {
    return (Long) Files.getAttribute(path, "unix:ino");
  }

  @Test
  void findsUsersAndGroups() {
    assertThat(resolver.uid("alice")).hasValue(1234);
    assertThat(resolver.gid("staff")).hasValue(50);
    assertThat(resolver.uid("staff-of-nowhere")).isEmpty();
    assertThat(resolver.gid("alice-of-nowhere")).isEmpty();
  }

  @Test
  void findsControlGroupsOfVersion2Only() throws IOException {
    String path = "/system.slice/nginx.service";
    assertThat(resolver.cgroup(path)).isEmpty();
    Files.writeString(root.resolve("sys/fs/cgroup/cgroup.procs"), "");
    assertThat(resolver.cgroup(path)).hasValue(inode(root.resolve("sys/fs/cgroup" + path)));
    assertThat(resolver.cgroup("/nowhere")).isEmpty();
  }

  @Test
  void findsNetworkNamespacesByNamePathAndInode() throws IOException {
    long red = inode(root.resolve("run/netns/red"));
    assertThat(resolver.netns("red")).hasValue(red);
    assertThat(resolver.netns("/run/netns/red")).hasValue(red);
    assertThat(resolver.netns("net:[4026531840]")).hasValue(4026531840L);
    assertThat(resolver.netns("blue")).isEmpty();
  }

  @Test
  void knowsAddresses() throws IOException {
    HostResolver host = new LinuxHostResolver();
    assertThat(host.address("10.0.0.5")).contains(InetAddress.getByName("10.0.0.5"));
    assertThat(host.address("::1")).contains(InetAddress.getByName("::1"));
    assertThat(host.address("1:2:3")).isEmpty();
  }
}
