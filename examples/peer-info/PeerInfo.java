// SPDX-License-Identifier: Apache-2.0

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Connects as any program would, and asks the socket who is at the other end. The README tells how
 * to run it.
 */
public final class PeerInfo {
  private static final int SOL_HAUBERK = 0x4842;
  private static final int HBK_SO_INFO = 1;
  private static final int HBK_SO_PEER_ID = 2;
  private static final int EOPNOTSUPP = 95;
  private static final int ENOPROTOOPT = 92;

  /** struct hbk_so_info: the offsets that are read here, and its size. */
  private static final int SUITE = 26;

  private static final int KTLS = 29;
  private static final int RESUMED = 30;
  private static final int RULE = 56;
  private static final int IDENTITY = 120;
  private static final int NAME_ROOM = 64;
  private static final int INFO_ROOM = 440;
  private static final int PEER_ID_ROOM = 2049;

  /** What is called of the C library. */
  public interface C extends Library {
    int getsockopt(int fd, int level, int name, byte[] value, IntByReference length)
        throws LastErrorException;
  }

  private static final C LIBC = Native.load("c", C.class);

  private PeerInfo() {}

  /** Java keeps the descriptor's number to itself; --add-opens lets us see it. */
  private static int descriptor(SocketChannel channel) throws ReflectiveOperationException {
    Method getter = channel.getClass().getMethod("getFDVal");
    getter.setAccessible(true);
    return (int) getter.invoke(channel);
  }

  private static byte[] ask(int fd, int name, int room) {
    byte[] value = new byte[room];
    IntByReference length = new IntByReference(room);
    LIBC.getsockopt(fd, SOL_HAUBERK, name, value, length);
    return value;
  }

  private static String text(byte[] bytes, int offset, int room) {
    int end = offset;
    while (end < offset + room && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static String describe(int fd) {
    byte[] info = ask(fd, HBK_SO_INFO, INFO_ROOM);
    byte[] peer = ask(fd, HBK_SO_PEER_ID, PEER_ID_ROOM);
    int suite = ByteBuffer.wrap(info).order(ByteOrder.nativeOrder()).getShort(SUITE) & 0xffff;
    return "peer %s, rule %s, as %s, suite %04x, %s%s"
        .formatted(
            text(peer, 0, PEER_ID_ROOM),
            text(info, RULE, NAME_ROOM),
            text(info, IDENTITY, NAME_ROOM),
            suite,
            info[KTLS] == 1 ? "kTLS" : "own records",
            info[RESUMED] == 1 ? ", resumed" : "");
  }

  /** The arguments are a host and a port. */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    if (args.length != 2) {
      System.err.println("usage: PeerInfo HOST PORT");
      System.exit(2);
    }
    InetSocketAddress address = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
    try (SocketChannel channel = SocketChannel.open(address)) {
      System.out.println(describe(descriptor(channel)));
    } catch (LastErrorException error) {
      boolean plain = error.getErrorCode() == EOPNOTSUPP || error.getErrorCode() == ENOPROTOOPT;
      System.err.println(
          plain ? "not upgraded: this is plain TCP" : "no connection: " + error.getMessage());
      System.exit(1);
    }
  }
}
