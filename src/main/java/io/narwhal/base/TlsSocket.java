package io.narwhal.base;

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

    /** What came and is not deciphered yet; between calls ready to be filled. */
    private final ByteBuffer in;

    /** What is to be sent; between calls ready to be read. */
    private final ByteBuffer out;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    TlsSocket(StreamSocket raw, SSLEngine engine) {
        this.raw = raw;
        this.engine = engine;
        int packet = engine.getSession().getPacketBufferSize();
        this.in = ByteBuffer.allocateDirect(packet);
        this.out = ByteBuffer.allocateDirect(2 * packet).flip();
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
    private int decipher(StreamSession into) throws SSLException {
        int total = 0;
        while (true) {
            work();
            ByteBuffer free = into.free();
            int before = free.position();
            SSLEngineResult result = engine.unwrap(in, free);
            into.put(free.position() - before);
            total += free.position() - before;
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
        out.compact();
        SSLEngineResult result;
        try {
            result = engine.wrap(NOTHING, out);
        } finally {
            out.flip();
        }
        flush();
        return result.getStatus() == SSLEngineResult.Status.OK;
    }

    private void flush() {
        if (out.hasRemaining()) {
            raw.write(out);
        }
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
        throw new UnsupportedOperationException("what comes by TLS goes into a session");
    }

    @Override
    public void write(ByteBuffer from) {
        throw new UnsupportedOperationException("a collector has nothing to say");
    }

    @Override
    public void shutdown() {
        engine.closeOutbound();
        tellWhy();
        raw.shutdown();
    }

    @Override
    public void close() {
        raw.close();
    }
}
