package io.narwhal.base;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The processes of this host. One is known by its pid together with when it began: pids come again.
 */
public interface Processes {
    /**
     * A process that was seen alive.
     *
     * @param pid its number
     * @param began when it began, in the system's own unit; only equality means anything
     */
    record Identity(long pid, long began) {}

    /** This process. */
    Identity self();

    /** The process of that number, unless there is none or it has ended (a zombie has ended). */
    Optional<Identity> find(long pid);

    /** Whether this very process still runs. */
    default boolean isAlive(Identity process) {
        return find(process.pid()).equals(Optional.of(process));
    }

    /**
     * Starts a process in this one's environment and in a session of its own, so that a Ctrl-C at
     * the terminal does not reach it; without input; its output is appended to the file. Where the
     * system allows ({@link Net#canShare}) it inherits the sockets, as descriptors 3, 4, … in this
     * order.
     *
     * @throws DiskFailure when it cannot be started
     */
    Identity start(List<String> command, Path output, List<Integer> sockets);

    /**
     * Asks the process to stop in order (SIGTERM); one that somebody has halted (SIGSTOP) is let go
     * on, as it could not hear otherwise.
     */
    void terminate(Identity process);

    /** Ends the process at once (SIGKILL). */
    void kill(Identity process);

    /**
     * Waits until one of these processes ends, or has ended already, but not longer than this.
     * Where the system cannot tell ends it waits that long.
     */
    void awaitEnd(List<Identity> running, long millis);

    /**
     * Memory that the process alone has, in bytes, swapped out or not: heap and stacks, but no page
     * of any file. Empty where the system does not tell, and when the process has ended.
     */
    OptionalLong anonymousBytes(Identity process);

    /**
     * How the process ended if we started it and it did: exit code, 128 + signal; empty if unknown.
     */
    Optional<Integer> exitCode(Identity process);

    /**
     * Lets urgent processes go first when there is not enough processor for all (nice). It concerns
     * the calling thread and those that it starts from then on; each call gives way further.
     */
    void giveWay();

    /** Lets other processes of this user share our sockets. */
    void allowSharing();

    /** Identity of this boot of the machine; all zero where the system tells none. */
    UUID boot();

    /** A lock that this process holds, until it closes it or ends. */
    interface Lock extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes the lock that this file stands for.
     *
     * @return the held lock, or empty when another process has it
     */
    Optional<Lock> lock(Path file);

    /** The machine's processes. */
    static Processes system() {
        return new SystemProcesses();
    }
}
