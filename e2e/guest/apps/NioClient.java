// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * {@code NioClient PORT CONNECTIONS FILE}: sends a file over so many connections to an echo server, all with one
 * selector and by {@code transferTo}, and reads it back; prints how many came back whole, and the file's SHA-256.
 */
final class NioClient {
  private static final int BUFFER = 65536;

  private final Selector selector;
  private final FileChannel file;
  private final byte[] wanted;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private int whole;

  private NioClient(Selector selector, FileChannel file) throws Exception {
    this.selector = selector;
    this.file = file;
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()));
    wanted = digest.digest();
  }

  /** What is known of one connection. */
  private static final class Transfer {
    private final MessageDigest digest;
    private long sent;

    Transfer() throws Exception {
      digest = MessageDigest.getInstance("SHA-256");
    }
  }

  private void connect(int port) throws Exception {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    boolean connected = channel.connect(new InetSocketAddress("127.0.0.1", port));
    int interest = connected ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT;
    channel.register(selector, interest, new Transfer());
  }

  private void write(SelectionKey key, SocketChannel channel, Transfer transfer) throws IOException {
    transfer.sent += file.transferTo(transfer.sent, file.size() - transfer.sent, channel);
    if (transfer.sent == file.size()) {
      channel.shutdownOutput();
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  private void read(SocketChannel channel, Transfer transfer) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    transfer.digest.update(buffer.flip());
    if (count < 0) {
      whole += MessageDigest.isEqual(transfer.digest.digest(), wanted) ? 1 : 0;
      channel.close();
    }
  }

  private void serve(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    Transfer transfer = (Transfer) key.attachment();
    if (key.isConnectable() && channel.finishConnect()) {
      key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      return;
    }
    if (key.isWritable()) {
      write(key, channel, transfer);
    }
    if (key.isReadable()) {
      read(channel, transfer);
    }
  }

  private void run() throws IOException {
    while (!selector.keys().isEmpty()) {
      selector.select(key -> {
        try {
          serve(key);
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
      // Closed channels leave the key set with the next selection.
      selector.selectNow();
    }
  }

  public static void main(String[] words) throws Exception {
    try (Selector selector = Selector.open();
        FileChannel file = FileChannel.open(Path.of(words[2]), StandardOpenOption.READ)) {
      NioClient client = new NioClient(selector, file);
      for (int i = 0; i < Integer.parseInt(words[1]); i++) {
        client.connect(Integer.parseInt(words[0]));
      }
      client.run();
      System.out.println(client.whole + " " + HexFormat.of().formatHex(client.wanted));
    }
  }
}
