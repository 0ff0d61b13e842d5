package io.narwhal.base;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What can be asked about this machine, for {@code narwhal doctor}; nothing here changes it. */
public interface Machine {
    /**
     * A file system.
     *
     * @param type as the system calls it: ext4, xfs, tmpfs, nfs4, …
     * @param totalBytes its size
     * @param freeBytes what this user may still write
     * @param freeFiles how many files may still be made; negative where it sets no limit
     */
    record Volume(String type, long totalBytes, long freeBytes, long freeFiles) {}

    /**
     * The kernel's view of its clock.
     *
     * @param synchronised whether something keeps it right
     * @param errorMicros how far off it can be at the most, as far as the kernel knows
     */
    record ClockState(boolean synchronised, long errorMicros) {}

    /**
     * Who may do what with a file or directory.
     *
     * @param owner name of its user
     * @param mode the permission bits, as {@code rw-r-----}
     * @param readable whether this process may read it
     * @param writable whether this process may write it
     */
    record Access(String owner, String mode, boolean readable, boolean writable) {
        /** Whether any user of the machine may read it. */
        public boolean isWorldReadable() {
            return mode.charAt(6) == 'r';
        }

        /** Whether any user of the machine may change it. */
        public boolean isWorldWritable() {
            return mode.charAt(7) == 'w';
        }
    }

    /**
     * A process that has a port. Several may hold one socket.
     *
     * @param transport udp or tcp
     * @param socket the system's number of the socket
     * @param pid 0 when it is another user's, which only root sees
     * @param command its name, empty when it is not seen
     */
    record Listener(String transport, int port, long socket, long pid, String command) {}

    /** The text of a small file, as those in /proc and /sys; empty when it cannot be read. */
    Optional<String> text(Path file);

    /** The file system of an existing file or directory. */
    Optional<Volume> volume(Path path);

    /** Who may do what with it; empty when it does not exist or may not be looked at. */
    Optional<Access> access(Path path);

    /** When its content was last changed. */
    Optional<Instant> changed(Path path);

    /** The kernel's clock; empty where it cannot be asked. */
    Optional<ClockState> clock();

    /** Who listens on these ports, by UDP or TCP. */
    List<Listener> listeners(List<Integer> ports);

    /** This machine. */
    static Machine system() {
        return new SystemMachine();
    }
}
