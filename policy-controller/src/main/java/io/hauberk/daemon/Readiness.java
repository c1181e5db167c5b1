// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the daemon is. Java has no datagram sockets of the Unix domain, so systemd's
 * own tool sends the message; the unit needs {@code NotifyAccess=all}.
 */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  private final boolean wanted;

  Readiness(Map<String, String> variables) {
    this.wanted = variables.containsKey("NOTIFY_SOCKET");
  }

  /** Sends one state, such as {@code READY=1}; blocks until the tool has done so. */
  void tell(String message) {
    if (!wanted) {
      return;
    }
    try {
      int status = new ProcessBuilder("systemd-notify", message).inheritIO().start().waitFor();
      if (status != 0) {
        LOG.warn("systemd-notify {} failed with status {}", message, status);
      }
    } catch (IOException e) {
      LOG.warn("systemd was not told {}: {}", message, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
