package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * TLS over a connection, the server's side. Its keys are in this process alone, so no successor can
 * go on with it.
 */
final class TlsSocket implements StreamSocket {
    private final StreamSocket raw;
    private final SSLEngine engine;

    // Between calls: what came and is not deciphered yet, and what is enciphered and not sent yet.
    private byte[] undeciphered = NOTHING;
    private byte[] unsent = NOTHING;

    // During a call: the same, in what the thread lends to whichever connection it serves.
    /** What came; ready to be filled. */
    private ByteBuffer in = EMPTY;

    /** What is to be sent; ready to be read. */
    private ByteBuffer out = EMPTY;

    private boolean established;

    private static final byte[] NOTHING = new byte[0];
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    // A thread serves many connections, of which most are idle: they would fill memory.
    private static final ThreadLocal<@Nullable Buffers> BUFFERS = new ThreadLocal<>();

    private record Buffers(ByteBuffer in, ByteBuffer out) {
        static Buffers of(int packet) {
            Buffers known = BUFFERS.get();
            if (known == null || known.in.capacity() < packet) {
                known =
                        new Buffers(
                                ByteBuffer.allocateDirect(packet),
                                ByteBuffer.allocateDirect(2 * packet));
                BUFFERS.set(known);
            }
            return known;
        }
    }

    TlsSocket(StreamSocket raw, SSLEngine engine) {
        this.raw = raw;
        this.engine = engine;
    }

    private void borrow() {
        Buffers buffers = Buffers.of(engine.getSession().getPacketBufferSize());
        in = buffers.in.clear().put(undeciphered);
        out = buffers.out.clear().put(unsent).flip();
    }

    private void giveBack() {
        undeciphered = copied(in.flip());
        unsent = copied(out);
        in = EMPTY;
        out = EMPTY;
    }

    private static byte[] copied(ByteBuffer remaining) {
        if (!remaining.hasRemaining()) {
            return NOTHING;
        }
        var bytes = new byte[remaining.remaining()];
        remaining.get(bytes);
        return bytes;
    }

    @Override
    public int descriptor() {
        return raw.descriptor();
    }

    @Override
    public long cookie() {
        return raw.cookie();
    }

    @Override
    public long peerHigh() {
        return raw.peerHigh();
    }

    @Override
    public long peerLow() {
        return raw.peerLow();
    }

    @Override
    public int peerPort() {
        return raw.peerPort();
    }

    @Override
    public int receive(StreamSession into) {
        borrow();
        try {
            return take(into);
        } finally {
            giveBack();
        }
    }

    private int take(StreamSession into) {
        flush();
        int total = 0;
        while (into.room() >= StreamSession.BUFFER_BYTES / 2) {
            int count = raw.read(in);
            if (count == 0 || count == ENDED && total > 0) {
                break;
            }
            int bytes = count == ENDED ? ENDED : deciphered(into);
            if (bytes == ENDED) {
                return ENDED;
            }
            total += bytes;
        }
        return total;
    }

    private int deciphered(StreamSession into) {
        ByteBuffer free = into.free();
        int before = free.position();
        try {
            return deciphered(free);
        } finally {
            into.put(free.position() - before);
        }
    }

    private int deciphered(ByteBuffer into) {
        in.flip();
        try {
            return decipher(into);
        } catch (SSLException e) {
            tellWhy();
            throw new NetFailure("TLS: " + e.getMessage());
        } finally {
            in.compact();
        }
    }

    // The buffer has room for all that one read brings: a packet at the most, and the session holds
    // less than a message.
    private int decipher(ByteBuffer into) throws SSLException {
        int total = 0;
        while (true) {
            work();
            int before = into.position();
            SSLEngineResult result = engine.unwrap(in, into);
            notice(result);
            total += into.position() - before;
            switch (result.getStatus()) {
                case CLOSED -> {
                    return ENDED;
                }
                case BUFFER_OVERFLOW ->
                        throw new SSLException("a record of more bytes than there is room for");
                case BUFFER_UNDERFLOW -> {
                    work();
                    return total;
                }
                case OK -> {
                    if (!in.hasRemaining() && result.bytesConsumed() == 0) {
                        work();
                        return total;
                    }
                }
            }
        }
    }

    /** Does what the handshake asks of us, until it waits for the peer. */
    private void work() throws SSLException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask();
                        task != null;
                        task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                if (!wrap()) {
                    return;
                }
            } else {
                return;
            }
        }
    }

    private boolean wrap() throws SSLException {
        return wrap(EMPTY).getStatus() == SSLEngineResult.Status.OK;
    }

    private SSLEngineResult wrap(ByteBuffer from) throws SSLException {
        out.compact();
        SSLEngineResult result;
        try {
            result = engine.wrap(from, out);
        } finally {
            out.flip();
        }
        flush();
        notice(result);
        return result;
    }

    private void notice(SSLEngineResult result) {
        established |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    }

    private void flush() {
        if (out.hasRemaining()) {
            raw.write(out);
        }
    }

    /** Whether there is room for a packet of TLS behind what the kernel did not take yet. */
    private boolean hasRoom() {
        return out.capacity() - out.remaining() >= engine.getSession().getPacketBufferSize();
    }

    // The alert that tells the peer why it is refused; it need not arrive.
    private void tellWhy() {
        try {
            work();
        } catch (SSLException | NetFailure e) {
            out.clear().flip();
        }
    }

    @Override
    public int read(ByteBuffer into) {
        Check.that(into.remaining() >= READ_BYTES_MIN, "room for a record of TLS");
        borrow();
        try {
            flush();
            int count = raw.read(in);
            return count > 0 ? deciphered(into) : count;
        } finally {
            giveBack();
        }
    }

    @Override
    public void write(ByteBuffer from) {
        borrow();
        try {
            flush();
            boolean moves = true;
            while (moves && from.hasRemaining() && hasRoom()) {
                moves = wrap(from).bytesConsumed() > 0; // else TLS itself has to say something
            }
        } catch (SSLException e) {
            throw new NetFailure("TLS: " + e.getMessage());
        } finally {
            giveBack();
        }
    }

    @Override
    public boolean isBlocked() {
        return raw.isBlocked();
    }

    @Override
    public boolean isEstablished() {
        return established;
    }

    @Override
    public void shutdown() {
        borrow();
        try {
            engine.closeOutbound();
            tellWhy();
        } finally {
            giveBack();
        }
        raw.shutdown();
    }

    @Override
    public void close() {
        raw.close();
    }
}
