// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/** The kernel refused a request; nothing of it took effect. */
public final class DeviceRefusedException extends DeviceException {
  private final int errno;
  private final String text;
  private final String item;

  public DeviceRefusedException(int errno, String text, String item) {
    super(message(errno, text, item));
    this.errno = errno;
    this.text = text;
    this.item = item;
  }

  public int errno() {
    return errno;
  }

  /** The kernel's sentence. */
  public String text() {
    return text;
  }

  /** The offending thing, such as {@code identity web}; empty if the kernel named none. */
  public String item() {
    return item;
  }

  private static String message(int errno, String text, String item) {
    String sentence = text.isEmpty() ? "the kernel refused the request" : text;
    return (item.isEmpty() ? "" : item + ": ") + sentence + " (" + Errno.name(errno) + ")";
  }
}
