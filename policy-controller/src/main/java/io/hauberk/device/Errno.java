// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Map;

/** The names of the error numbers that the device answers with. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ENOMEM = 12;
  public static final int EBUSY = 16;
  public static final int EINVAL = 22;
  public static final int EPROTO = 71;
  public static final int ESTALE = 116;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM"),
          Map.entry(ENOENT, "ENOENT"),
          Map.entry(4, "EINTR"),
          Map.entry(5, "EIO"),
          Map.entry(7, "E2BIG"),
          Map.entry(8, "ENOEXEC"),
          Map.entry(13, "EACCES"),
          Map.entry(ENOMEM, "ENOMEM"),
          Map.entry(EBUSY, "EBUSY"),
          Map.entry(17, "EEXIST"),
          Map.entry(EINVAL, "EINVAL"),
          Map.entry(28, "ENOSPC"),
          Map.entry(34, "ERANGE"),
          Map.entry(61, "ENODATA"),
          Map.entry(EPROTO, "EPROTO"),
          Map.entry(35, "EDEADLK"),
          Map.entry(74, "EBADMSG"),
          Map.entry(75, "EOVERFLOW"),
          Map.entry(87, "EUSERS"),
          Map.entry(90, "EMSGSIZE"),
          Map.entry(93, "EPROTONOSUPPORT"),
          Map.entry(95, "EOPNOTSUPP"),
          Map.entry(108, "ESHUTDOWN"),
          Map.entry(ESTALE, "ESTALE"),
          Map.entry(127, "EKEYEXPIRED"));

  private Errno() {}

  public static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }
}
