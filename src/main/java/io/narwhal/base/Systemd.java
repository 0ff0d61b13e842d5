package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * systemd, by the socket that it names in the environment of its services: sd_notify(3),
 * sd_pid_notify_with_fds(3) and sd_listen_fds(3), which say how it is talked to.
 */
final class Systemd implements ServiceManager {
    private static final String SOCKET = "NOTIFY_SOCKET";
    private static final String WATCHDOG = "WATCHDOG_USEC";
    private static final String WATCHDOG_PID = "WATCHDOG_PID";
    private static final String LISTEN_PID = "LISTEN_PID";
    private static final String LISTEN_FDS = "LISTEN_FDS";
    private static final String LISTEN_NAMES = "LISTEN_FDNAMES";
    private static final List<String> VARIABLES =
            List.of(SOCKET, WATCHDOG, WATCHDOG_PID, LISTEN_PID, LISTEN_FDS, LISTEN_NAMES);

    private static final int FIRST_DESCRIPTOR = 3;
    private static final int SEND_MS_MAX = 1_000;
    private static final int PATH_BYTES_MAX = 107; // of sun_path, with its zero

    private final byte[] path;
    private final long watchdogMs;
    private final List<Parked> handedOver;

    private Systemd(byte[] path, long watchdogMs, List<Parked> handedOver) {
        this.path = path;
        this.watchdogMs = watchdogMs;
        this.handedOver = handedOver;
    }

    static ServiceManager ofThisProcess() {
        ServiceManager manager = of(System.getenv(), ProcessHandle.current().pid());
        VARIABLES.forEach(Native::unsetEnvironment);
        return manager;
    }

    /** What that environment tells the process of that number. */
    static ServiceManager of(Map<String, String> environment, long pid) {
        byte[] path = environment.getOrDefault(SOCKET, "").getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length > PATH_BYTES_MAX || "/@".indexOf(path[0]) < 0) {
            return ServiceManager.none();
        }
        boolean watched = isFor(environment.getOrDefault(WATCHDOG_PID, "" + pid), pid);
        long watchdogMs = watched ? number(environment.get(WATCHDOG)) / 1_000 : 0;
        List<Parked> parked =
                isFor(environment.get(LISTEN_PID), pid) ? parked(environment) : List.of();
        return new Systemd(path, watchdogMs, parked);
    }

    private static boolean isFor(@Nullable String named, long pid) {
        return named != null && named.equals(Long.toString(pid));
    }

    private static long number(@Nullable String text) {
        try {
            return text == null ? 0 : Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static List<Parked> parked(Map<String, String> environment) {
        int count = (int) Math.min(number(environment.get(LISTEN_FDS)), Short.MAX_VALUE);
        String[] names = environment.getOrDefault(LISTEN_NAMES, "").split(":", -1);
        List<Parked> parked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parked.add(new Parked(i < names.length ? names[i] : "", FIRST_DESCRIPTOR + i));
        }
        return List.copyOf(parked);
    }

    @Override
    public boolean isPresent() {
        return true;
    }

    @Override
    public boolean notify(String lines) {
        return send(lines, -1);
    }

    @Override
    public long watchdogMs() {
        return watchdogMs;
    }

    @Override
    public boolean store(String name, int descriptor) {
        // Not polled: systemd would take an error that waits at a socket for its end.
        return send("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, descriptor);
    }

    @Override
    public void remove(String name) {
        send("FDSTOREREMOVE=1\nFDNAME=" + name, -1);
    }

    @Override
    public List<Parked> handedOver() {
        return handedOver;
    }

    private boolean send(String lines, int descriptor) {
        int fd = Native.socket(Native.AF_UNIX);
        if (fd < 0) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            Native.setSendTimeout(fd, SEND_MS_MAX);
            byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
            MemorySegment text = arena.allocate(bytes.length);
            text.copyFrom(MemorySegment.ofArray(bytes));
            return Native.sendWithDescriptor(arena, fd, address(arena), text, descriptor) >= 0;
        } finally {
            Native.close(fd);
        }
    }

    // struct sockaddr_un; a name that begins with @ is an abstract one, which has a zero there.
    private MemorySegment address(Arena arena) {
        boolean isAbstract = path[0] == '@';
        MemorySegment address = arena.allocate(2L + path.length + (isAbstract ? 0 : 1), 2);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Native.AF_UNIX);
        MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
        if (isAbstract) {
            address.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
        }
        return address;
    }
}
