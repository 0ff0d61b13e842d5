package io.narwhal.remote;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** One connection of a server, next to its socket. Used by its event loop, but for closing it. */
final class Door extends ChannelDuplexHandler {
    private static final int TLS_HANDSHAKE = 0x16;

    private final Doors doors;
    private final Channel channel;
    private final SocketAddress address;
    private final boolean isTls;
    private boolean hasSpoken;
    private volatile boolean isVerified;
    private volatile boolean hadLink;
    private volatile boolean hadMessage;
    private boolean isClosedHere;
    private boolean isCounted;

    Door(Doors doors, Channel channel, SocketAddress address, boolean isTls) {
        this.doors = doors;
        this.channel = channel;
        this.address = address;
        this.isTls = isTls;
    }

    SocketAddress address() {
        return address;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Limits limits = doors.limits();
        after(limits.handshakeMs(), () -> isVerified, "not verified within %d ms");
        after(limits.silentMs(), () -> hadMessage, "no valid message within %d ms");
        context.fireChannelActive();
    }

    /** Looked at later. */
    interface Condition {
        boolean holds();
    }

    private void after(long ms, Condition met, String otherwise) {
        var timer =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    if (!met.holds()) {
                                        refuse(Refusal.TOO_SLOW, otherwise.formatted(ms));
                                    }
                                },
                                ms,
                                TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(_ -> timer.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!hasSpoken && message instanceof ByteBuf bytes && bytes.isReadable()) {
            hasSpoken = true;
            boolean looksLikeTls = bytes.getUnsignedByte(bytes.readerIndex()) == TLS_HANDSHAKE;
            if (looksLikeTls != isTls) {
                bytes.release();
                refuse(
                        Refusal.PLAIN_TEXT,
                        isTls ? "it does not speak TLS" : "it speaks TLS, and we are in clear");
                return;
            }
            SslHandler tls = context.pipeline().get(SslHandler.class);
            if (tls != null) {
                tls.handshakeFuture().addListener(done -> handshaken(done.cause()));
            }
        }
        context.fireChannelRead(message);
    }

    private void handshaken(@Nullable Throwable failure) {
        if (failure == null) {
            verified();
        } else {
            count(refusal(failure), why(failure));
        }
    }

    static Refusal refusal(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof Untrusted untrusted) {
                return untrusted.refusal();
            }
            if (at instanceof NotSslRecordException) {
                return Refusal.PLAIN_TEXT;
            }
            String message = String.valueOf(at.getMessage());
            if (message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
                    || message.contains("Empty client certificate chain")) {
                return Refusal.NO_CERTIFICATE;
            }
        }
        return Refusal.NO_HANDSHAKE;
    }

    static String why(Throwable failure) {
        Throwable last = failure;
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof Untrusted untrusted) {
                return untrusted.why();
            }
            last = at;
        }
        return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
    }

    private void verified() {
        isVerified = true;
        doors.verified(this);
    }

    /** A link was opened on it. */
    void link() {
        hadLink = true;
        verified();
    }

    /** A link had a valid message. */
    void message() {
        hadMessage = true;
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        isClosedHere = true;
        context.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!hadLink) {
            // Closed by us without another reason: what came was no HTTP/2.
            boolean isMalformed = hasSpoken && isClosedHere && (isVerified || !isTls);
            count(
                    isMalformed ? Refusal.MALFORMED : Refusal.NO_HANDSHAKE,
                    isMalformed ? "what it says is no HTTP/2" : "it left before it opened a link");
        }
        context.fireChannelInactive();
    }

    /** Counts it, the first reason only, and ends it. */
    void refuse(Refusal refusal, String why) {
        channel.eventLoop()
                .execute(
                        () -> {
                            count(refusal, why);
                            channel.close();
                        });
    }

    private void count(Refusal refusal, String why) {
        if (!isCounted) {
            isCounted = true;
            doors.count(refusal, address, why);
        }
    }

    void close() {
        channel.eventLoop()
                .execute(
                        () -> {
                            isCounted = true;
                            channel.close();
                        });
    }

    /** Ends it in a while, unless that is then no longer needed. */
    void closeIn(long ms, Condition unneeded) {
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (!unneeded.holds()) {
                                close();
                            }
                        },
                        ms,
                        TimeUnit.MILLISECONDS);
    }
}
