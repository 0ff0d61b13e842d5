package io.narwhal.base;

import java.util.List;

/**
 * Whoever started this process and restarts it when it ends, where that is systemd: it is told how
 * the process fares, and it keeps sockets for the next process.
 *
 * <p>Nothing here fails loudly: a node whose service manager does not answer runs all the same.
 */
public interface ServiceManager {
    /**
     * A descriptor that an earlier process of this service had stored.
     *
     * @param name as it was stored
     * @param descriptor its number in this process, which owns it now
     */
    record Parked(String name, int descriptor) {}

    /** Whether there is one to talk to. */
    boolean isPresent();

    /**
     * Tells it lines such as {@code READY=1} or {@code STATUS=…} (sd_notify(3)).
     *
     * @return whether it was sent; it waits a second at the most
     */
    boolean notify(String lines);

    /** Within which time it wants to hear {@code WATCHDOG=1} again, in ms; 0: it does not. */
    long watchdogMs();

    /**
     * Gives it a duplicate of that descriptor, to be handed to each process of this service that
     * starts from now on. It lets go of it when the service is stopped.
     *
     * @param name letters, digits and {@code -}
     * @return whether it was sent; whether it was kept is not told
     */
    boolean store(String name, int descriptor);

    /** Has it let go of what is stored under that name. */
    void remove(String name);

    /** What it had stored and handed to this process when it started it. */
    List<Parked> handedOver();

    /**
     * The one of this process. Takes it out of the environment, so that it is this process's alone
     * and no child speaks in its name.
     */
    static ServiceManager system() {
        return Native.available() ? Systemd.ofThisProcess() : none();
    }

    /** That of a process which was started otherwise: nobody listens. */
    static ServiceManager none() {
        return new NoServiceManager();
    }
}
