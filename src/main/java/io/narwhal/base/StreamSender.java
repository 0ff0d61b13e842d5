package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLSocket;

/**
 * Sends messages over one TCP or TLS connection for each source. A send waits as long as the
 * receiver does not read; a message counts as sent once the kernel has taken it.
 */
public final class StreamSender implements UdpSender {
    private static final int END_MS_MAX = 60_000;

    private final List<Socket> connections = new ArrayList<>();
    private final ByteBuffer buffer;
    private final byte[] batch;
    private final int slots;
    private final int slotBytes;

    private StreamSender(int slots, int slotBytes) {
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.buffer = ByteBuffer.allocate(slots * slotBytes);
        this.batch = new byte[slots * slotBytes];
    }

    /**
     * Connects once for each source.
     *
     * @param tls who we are and whom we trust; null: plain TCP
     * @throws UncheckedIOException when a connection is refused, also by TLS
     */
    public static StreamSender open(
            List<InetSocketAddress> sources,
            InetSocketAddress target,
            @Nullable Tls tls,
            int slots,
            int slotBytes) {
        var sender = new StreamSender(slots, slotBytes);
        try {
            for (InetSocketAddress source : sources) {
                sender.connections.add(connect(source, target, tls));
            }
            return sender;
        } catch (IOException e) {
            sender.abort();
            throw new UncheckedIOException("cannot connect to " + target + ": " + e, e);
        }
    }

    private static Socket connect(
            InetSocketAddress source, InetSocketAddress target, @Nullable Tls tls)
            throws IOException {
        Socket socket =
                tls == null ? new Socket() : tls.context().getSocketFactory().createSocket();
        try {
            socket.setTcpNoDelay(true);
            socket.bind(source);
            socket.connect(target);
            if (socket instanceof SSLSocket secure) {
                secure.startHandshake();
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public int slotBytes() {
        return slotBytes;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public void send(int socket, int[] lengths, int count) {
        int bytes = 0;
        for (int slot = 0; slot < count; slot++) {
            buffer.get(slot * slotBytes, batch, bytes, lengths[slot]);
            bytes += lengths[slot];
        }
        try {
            OutputStream out = connections.get(socket).getOutputStream();
            out.write(batch, 0, bytes);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the connection from " + source(socket) + " is broken: " + e, e);
        }
    }

    @Override
    public InetSocketAddress source(int socket) {
        return (InetSocketAddress) connections.get(socket).getLocalSocketAddress();
    }

    /** Ends the connections and waits until the other side has taken everything and ended too. */
    @Override
    public void close() {
        for (Socket connection : connections) {
            try (connection) {
                connection.shutdownOutput();
                connection.setSoTimeout(END_MS_MAX);
                awaitEnd(connection.getInputStream());
            } catch (IOException e) {
                // It was ended, or broken, by the other side.
            }
        }
        connections.clear();
    }

    // Closing while something that we never read stands in our queue would reset the connection.
    private static void awaitEnd(InputStream in) throws IOException {
        var nothing = new byte[1024];
        int read = 0;
        while (read >= 0) {
            read = in.read(nothing);
        }
    }

    private void abort() {
        for (Socket connection : connections) {
            try {
                connection.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }
}
