package io.narwhal.base;

import java.nio.file.Path;

/** Sockets, and the memory that datagrams are received into. */
public interface Net {
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

    /** Maps the file as an area for datagrams, making it when it is missing. */
    InFlight inFlight(Path file);

    /** The machine's network. */
    static Net system() {
        return Native.available() ? new LinuxNet() : new PortableNet();
    }
}
