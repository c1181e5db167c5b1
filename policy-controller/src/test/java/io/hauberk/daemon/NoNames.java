// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.rules.HostResolver;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalLong;

/** A machine on which no name means anything. */
public final class NoNames implements HostResolver {
  @Override
  public OptionalLong uid(String name) {
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong gid(String name) {
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong cgroup(String path) {
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong netns(String name) {
    return OptionalLong.empty();
  }

  @Override
  public Optional<InetAddress> address(String host) {
    return Optional.empty();
  }
}
