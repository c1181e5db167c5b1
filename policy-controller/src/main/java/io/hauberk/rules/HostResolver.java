// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalLong;

/** What the names in a rule-set are on this machine. An empty answer says that there is none. */
public interface HostResolver {

  /** The number of a user by name. */
  OptionalLong uid(String name);

  /** The number of a group by name. */
  OptionalLong gid(String name);

  /** The id of a control group by its path below the root of the cgroup v2 hierarchy. */
  OptionalLong cgroup(String path);

  /** The inode of a network namespace by name or by the path of its file. */
  OptionalLong netns(String name);

  /** An address of a host by name, or the one that the text is. */
  Optional<InetAddress> address(String host);
}
