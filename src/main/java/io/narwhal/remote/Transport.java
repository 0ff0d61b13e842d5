package io.narwhal.remote;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;

/**
 * What carries the bytes. Sockets by epoll and TLS by BoringSSL where their native libraries can be
 * loaded, which costs less time; else by the JDK, which does the same.
 */
public final class Transport {
    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
    private static final String UNPACK_PROPERTY = "io.grpc.netty.shaded.io.netty.native.workdir";

    private Transport() {}

    /**
     * Says where native libraries are unpacked, each time that a process starts (the files are
     * deleted when they are loaded); to be called before anything else of this room. Without it, or
     * when that directory cannot be written, the JDK's own directory for temporary files is taken.
     *
     * @param scratch may be emptied between runs
     */
    public static void unpackInto(Disk disk, Path scratch) {
        try {
            disk.createDirectories(scratch);
            System.setProperty(UNPACK_PROPERTY, scratch.toAbsolutePath().toString());
        } catch (DiskFailure e) {
            LOG.warn("{}; native libraries are unpacked elsewhere", e.getMessage());
        }
    }

    /** Whether TLS is done by BoringSSL. */
    public static boolean isNative() {
        return OpenSsl.isAvailable();
    }

    static SslProvider provider() {
        return isNative() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    static EventLoopGroup threads(int count, String name) {
        return new MultiThreadIoEventLoopGroup(
                count,
                new DefaultThreadFactory(name, true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    static ServerChannel listening() {
        return Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    }

    static Class<? extends Channel> dialling() {
        return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    }
}
