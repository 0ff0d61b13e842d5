package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.base.SharedPage;
import io.narwhal.config.CollectorConfig;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One page of memory by which a process and its node manager know each other: it outlives both, so
 * a new manager finds the processes of the old one, and a new process its command. Layout:
 * docs/formats/page.md.
 */
public final class ComponentPage implements AutoCloseable {
    /** Sockets that a process can hold at the most. */
    public static final int SOCKETS_MAX = CollectorConfig.SOCKETS_MAX;

    private static final int SIZE_BYTES = 4096;
    private static final long MAGIC = 0x4e41525750414745L; // NARWPAGE
    private static final int AT_MAGIC = 0;
    private static final int AT_PID = 8;
    private static final int AT_BEGAN = 16;
    private static final int AT_BEAT = 24;
    private static final int AT_PHASE = 32;
    private static final int AT_COMMAND = 40;
    private static final int AT_RECORDS = 48;
    private static final int AT_SOCKETS = 64;
    private static final int AT_SOCKET = 72;
    private static final int SOCKET_BYTES = 24;
    private static final int AT_MESSAGE = AT_SOCKET + SOCKETS_MAX * SOCKET_BYTES;
    private static final int MESSAGE_BYTES_MAX = SIZE_BYTES - AT_MESSAGE - 8;

    private final SharedPage page;

    private ComponentPage(SharedPage page) {
        this.page = page;
    }

    /**
     * A socket that a process holds.
     *
     * @param key what the configuration asks for, as {@link SocketPlace#key} makes it
     * @param descriptor its number in that process
     * @param cookie its identity
     */
    public record Held(long key, int descriptor, long cookie) {}

    /**
     * Opens the page of that name, making it when it is missing. Bytes that are no page are made an
     * empty one: what a page tells is known again as soon as its process beats.
     */
    public static ComponentPage open(Disk disk, Path file) {
        var page = new ComponentPage(disk.page(file, SIZE_BYTES));
        long magic = page.page.getLong(AT_MAGIC);
        if (magic != MAGIC) {
            if (magic != 0) {
                page.page.putBytes(0, new byte[SIZE_BYTES]);
            }
            page.page.putLong(AT_MAGIC, MAGIC);
        }
        return page;
    }

    /** A process says that the page is its own now. Its command stays as the manager left it. */
    public void claim(Processes.Identity self) {
        page.putLong(AT_SOCKETS, 0);
        page.putLong(AT_BEAT, 0);
        setMessage("");
        page.putLong(AT_PHASE, Phase.STARTING.code());
        page.putLong(AT_BEGAN, self.began());
        page.putLong(AT_PID, self.pid());
    }

    /** The process that claimed the page last; pid 0 when none has. */
    public Processes.Identity owner() {
        return new Processes.Identity(page.getLong(AT_PID), page.getLong(AT_BEGAN));
    }

    /** Says that the process is alive and not stuck. */
    public void beat() {
        page.putLong(AT_BEAT, page.getLong(AT_BEAT) + 1);
    }

    /** How often {@link #beat} was called. */
    public long beats() {
        return page.getLong(AT_BEAT);
    }

    /** What the process says of itself. */
    public Phase phase() {
        return Phase.of(page.getLong(AT_PHASE));
    }

    /** The one door by which the phase changes. */
    public void become(Phase next, String message) {
        Phase now = phase();
        if (now != next) {
            Check.that(now.mayBecome(next), "a process that is %s may become %s", now, next);
            page.putLong(AT_PHASE, next.code());
        }
        setMessage(message);
    }

    /** What the manager wants. */
    public Command command() {
        return Command.of(page.getLong(AT_COMMAND));
    }

    /** Tells the process what is wanted of it. */
    public void setCommand(Command command) {
        page.putLong(AT_COMMAND, command.code());
    }

    /** Items (datagrams, records, rows) that the component has processed in its life. */
    public long records() {
        return page.getLong(AT_RECORDS);
    }

    /** See {@link #records()}. */
    public void setRecords(long records) {
        page.putLong(AT_RECORDS, records);
    }

    /** Publishes the sockets that the process holds, so that others can share them. */
    public void setSockets(List<Held> sockets) {
        Check.that(sockets.size() <= SOCKETS_MAX, "at most %d sockets", SOCKETS_MAX);
        page.putLong(AT_SOCKETS, 0);
        for (int i = 0; i < sockets.size(); i++) {
            Held held = sockets.get(i);
            page.putLong(AT_SOCKET + i * SOCKET_BYTES, held.key());
            page.putLong(AT_SOCKET + i * SOCKET_BYTES + 8, held.descriptor());
            page.putLong(AT_SOCKET + i * SOCKET_BYTES + 16, held.cookie());
        }
        page.putLong(AT_SOCKETS, sockets.size());
    }

    /** The sockets that the owner published. */
    public List<Held> sockets() {
        int count = Math.clamp(page.getLong(AT_SOCKETS), 0, SOCKETS_MAX);
        List<Held> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(
                    new Held(
                            page.getLong(AT_SOCKET + i * SOCKET_BYTES),
                            (int) page.getLong(AT_SOCKET + i * SOCKET_BYTES + 8),
                            page.getLong(AT_SOCKET + i * SOCKET_BYTES + 16)));
        }
        return sockets;
    }

    /** What the process has to say to the operator; empty when nothing. */
    public String message() {
        int length = Math.clamp(page.getLong(AT_MESSAGE), 0, MESSAGE_BYTES_MAX);
        return new String(page.getBytes(AT_MESSAGE + 8, length), StandardCharsets.UTF_8);
    }

    private void setMessage(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MESSAGE_BYTES_MAX);
        page.putLong(AT_MESSAGE, 0);
        page.putBytes(AT_MESSAGE + 8, Arrays.copyOf(bytes, length));
        page.putLong(AT_MESSAGE, length);
    }

    @Override
    public void close() {
        page.close();
    }
}
