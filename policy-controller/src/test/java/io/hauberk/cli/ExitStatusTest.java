// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hauberk.HauberkException;
import io.hauberk.daemon.AlreadyServedException;
import io.hauberk.device.DeviceException;
import io.hauberk.device.DevicePermissionException;
import io.hauberk.device.DeviceRefusedException;
import io.hauberk.device.DeviceUnavailableException;
import io.hauberk.device.Errno;
import io.hauberk.pki.PkiException;
import io.hauberk.pki.StateException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of docs/operations.md. */
class ExitStatusTest {
  private static final Path FILE = Path.of("/etc/hauberk/ca.key");

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(new PkiException("x"), 65),
        arguments(new HauberkException("x"), 65),
        arguments(new DeviceRefusedException(Errno.EINVAL, "x", ""), 65),
        arguments(new NoInputException("x"), 66),
        arguments(new DeviceUnavailableException("x"), 69),
        arguments(new AlreadyServedException("x"), 69),
        arguments(new IllegalStateException("x"), 70),
        arguments(StateException.cannotWrite(FILE, new IOException("No space left")), 73),
        arguments(StateException.cannotRead(FILE, new IOException("Input/output error")), 74),
        arguments(new DeviceException("x"), 74),
        arguments(new DeviceRefusedException(Errno.ESTALE, "x", ""), 75),
        arguments(new DeviceRefusedException(Errno.EBUSY, "x", ""), 75),
        arguments(new DeviceRefusedException(Errno.ENOMEM, "x", ""), 75),
        arguments(new DeviceRefusedException(Errno.EPERM, "x", ""), 77),
        arguments(new DevicePermissionException("x", new IOException("x")), 77),
        arguments(StateException.cannotRead(FILE, new AccessDeniedException("x")), 77),
        arguments(StateException.cannotWrite(FILE, new AccessDeniedException("x")), 77));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void everyFailureHasItsStatus(Exception failure, int status) {
    assertThat(ExitStatus.of(failure)).isEqualTo(status);
  }
}
