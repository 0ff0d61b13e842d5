package io.narwhal.inspect;

import io.narwhal.base.Machine;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@link Doctor} judges: everything that was found out about the machine, so that a test can
 * make up any machine. Negative numbers, nulls and empty texts: not to be known here.
 *
 * @param rmemMaxBytes net.core.rmem_max
 * @param volume where the data directory is, or will be
 * @param forceMicros how long each of some forced writes into the data directory took
 * @param writeFailure why nothing could be written there; empty when it could
 * @param receivedBytesADay at what pace the received journals grew; 0 when that is not known yet
 * @param receivedBytes what they take now
 * @param clock the kernel's clock
 * @param java release of the runtime
 * @param archives whether this process runs on prepared classes
 * @param user who asks
 * @param files the data directory, the configuration, and what it names
 * @param openFilesMax how many files a process may have open
 * @param memoryBytes of the machine, or of the control group where that is less
 * @param ptraceScope of Yama; 0 where there is no Yama
 * @param listeners who listens on the ports of the configuration
 * @param ourPids processes of this node
 * @param lowestPort below it a port needs a right
 * @param bindsLowPorts whether this process has that right
 * @param systemd whether systemd runs this machine
 * @param unit whether it has a unit for Narwhal
 */
public record Facts(
        long rmemMaxBytes,
        Machine.@Nullable Volume volume,
        List<Long> forceMicros,
        String writeFailure,
        long receivedBytesADay,
        long receivedBytes,
        Machine.@Nullable ClockState clock,
        String java,
        boolean archives,
        String user,
        List<FileFact> files,
        long openFilesMax,
        long memoryBytes,
        int ptraceScope,
        List<Machine.Listener> listeners,
        List<Long> ourPids,
        int lowestPort,
        boolean bindsLowPorts,
        boolean systemd,
        boolean unit) {
    /** What a file is to the node. */
    public enum Role {
        /** Where the node writes. */
        DATA,
        /** What the node reads. */
        CONFIGURATION,
        /** What the node reads and nobody else should. */
        SECRET
    }

    /**
     * A file or directory.
     *
     * @param access null when it is not there, or not to be looked at
     */
    public record FileFact(Role role, Path path, Machine.@Nullable Access access) {}

    public Facts {
        forceMicros = List.copyOf(forceMicros);
        files = List.copyOf(files);
        listeners = List.copyOf(listeners);
        ourPids = List.copyOf(ourPids);
    }
}
