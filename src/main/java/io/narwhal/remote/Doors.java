package io.narwhal.remote;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of a server, from the moment they are accepted: how many there are, and how many
 * of them have not proved anything yet. Of those the oldest gives way to the next, so that whoever
 * floods the port only pushes out himself: a good peer is verified within milliseconds.
 */
final class Doors {
    private final Limits limits;
    private final Refusals refusals;
    private final boolean isTls;
    private final Map<SocketAddress, Door> all = new ConcurrentHashMap<>();
    private final Set<Door> unverified = new LinkedHashSet<>();

    Doors(Limits limits, Refusals refusals, boolean isTls) {
        this.limits = limits;
        this.refusals = refusals;
        this.isTls = isTls;
    }

    /** A socket that listens, whose connections come through here. */
    ServerChannel listening() {
        ServerChannel channel = Transport.listening();
        channel.pipeline().addLast(new Gate());
        return channel;
    }

    private final class Gate extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            SocketAddress address = channel.remoteAddress();
            if (all.size() >= limits.connections()) {
                refusals.add(
                        Refusal.TOO_MANY,
                        String.valueOf(address),
                        "more than " + limits.connections() + " connections");
                channel.unsafe().closeForcibly();
                return;
            }
            var door = new Door(Doors.this, channel, address, isTls);
            all.put(address, door);
            channel.closeFuture().addListener(_ -> gone(door));
            channel.pipeline().addLast(door);
            makeRoom(door);
            context.fireChannelRead(accepted);
        }
    }

    private void makeRoom(Door newest) {
        @Nullable Door oldest = null;
        synchronized (unverified) {
            unverified.add(newest);
            if (unverified.size() > limits.handshakes()) {
                Iterator<Door> oldestFirst = unverified.iterator();
                oldest = oldestFirst.next();
                oldestFirst.remove();
            }
        }
        if (oldest != null) {
            oldest.refuse(
                    Refusal.TOO_MANY,
                    "more than " + limits.handshakes() + " connections are not verified yet");
        }
    }

    void verified(Door door) {
        synchronized (unverified) {
            unverified.remove(door);
        }
    }

    private void gone(Door door) {
        all.remove(door.address(), door);
        verified(door);
    }

    /** The connection from this address. */
    @Nullable Door of(@Nullable SocketAddress address) {
        return address == null ? null : all.get(address);
    }

    Limits limits() {
        return limits;
    }

    void count(Refusal refusal, SocketAddress address, String why) {
        refusals.add(refusal, String.valueOf(address), why);
    }

    void closeAll() {
        List<Door> doors = new ArrayList<>(all.values());
        doors.forEach(Door::close);
    }
}
