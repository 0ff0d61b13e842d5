package io.narwhal.base;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Sockets, and the memory that datagrams are received into. */
public interface Net {
    /**
     * Makes ready what the first call would otherwise wait for; worth a thread of its own while a
     * process starts, and never needed.
     */
    default void prepare() {}

    /**
     * Binds a socket; {@code ::} takes IPv4 too.
     *
     * @param host literal address
     * @throws NetFailure when the address cannot be had; the message says why and what to do
     */
    UdpSocket bind(String host, int port, int receiveBufferBytes);

    /**
     * As {@link #bind}, for one of several sockets of the same address (SO_REUSEPORT): the kernel
     * deals out what comes among them, each source address and port to one.
     */
    UdpSocket bindShared(String host, int port, int receiveBufferBytes);

    /** Whether {@link #share} can work on this system. */
    boolean canShare();

    /**
     * A duplicate of the socket that another process of ours holds.
     *
     * @throws NetFailure when it is gone or the system forbids it
     */
    UdpSocket share(long pid, int descriptor, int port);

    /**
     * The socket that this process inherited from the one that started it ({@link
     * Processes#start}).
     */
    UdpSocket inherited(int descriptor, int port);

    /**
     * What a socket has to be.
     *
     * @param host literal address
     * @param shared whether it is one of several of that address
     */
    record Wanted(String host, int port, int receiveBufferBytes, boolean shared) {}

    /**
     * A duplicate of a descriptor of this process, if that is a UDP socket as {@link #bind} or
     * {@link #bindShared} would have made it. The descriptor itself stays the caller's.
     */
    default Optional<UdpSocket> adopt(int descriptor, Wanted wanted) {
        return Optional.empty();
    }

    /**
     * As {@link #adopt}, of a TCP socket that listens at that address, or of a connection to that
     * port.
     */
    default Optional<StreamHandle> adoptStream(int descriptor, Wanted wanted) {
        return Optional.empty();
    }

    /** Closes a descriptor that this process was given and has no use for. */
    default void discard(int descriptor) {}

    /** Maps the file as an area for datagrams, making it when it is missing. */
    InFlight inFlight(Path file);

    /**
     * Listens for TCP connections; {@code ::} takes IPv4 too.
     *
     * @param host literal address
     * @param receiveBufferBytes what each connection's queue may hold
     * @throws NetFailure when the address cannot be had; the message says why and what to do
     */
    StreamListener listen(String host, int port, int receiveBufferBytes);

    /**
     * A duplicate of the listening socket that another process of ours holds.
     *
     * @throws NetFailure when it is gone or the system forbids it
     */
    StreamListener shareListener(long pid, int descriptor);

    /** As {@link #shareListener}, of a connection. */
    StreamSocket shareStream(long pid, int descriptor);

    /** Those with something to accept or to receive; waits for the first at most so long. */
    List<StreamHandle> ready(List<? extends StreamHandle> handles, int timeoutMs);

    /** Maps the file as an area for sessions, making it when it is missing. */
    default SessionArea sessions(Path file) {
        return SessionArea.map(file);
    }

    /** The sessions of another process, for whoever keeps its connections; empty: none yet. */
    default Optional<SessionArea> lookAtSessions(Path file) {
        return SessionArea.look(file);
    }

    /** The machine's network. */
    static Net system() {
        return Native.available() ? new LinuxNet() : new PortableNet();
    }
}
