package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** R21: what systemd is told, by a socket as it opens one, and what it hands over. */
@Timeout(10)
class SystemdTest {
    private static final long PID = 4711;

    @TempDir Path directory;

    @BeforeEach
    void onlyOnLinux() {
        Linux.assume();
    }

    /** The other end of NOTIFY_SOCKET. */
    private static final class Listening implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final int fd = Native.socket(Native.AF_UNIX);
        private final MemorySegment text = arena.allocate(4_096);
        private final MemorySegment control = arena.allocate(64, 8);

        /** Bytes of a path; a first zero stands for an abstract name. */
        Listening(byte[] name) {
            MemorySegment address = arena.allocate(2L + name.length, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Native.AF_UNIX);
            MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
            assertThat(Native.bind(fd, address)).isZero();
        }

        String next() {
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ValueLayout.ADDRESS, 0, text);
            vector.set(ValueLayout.JAVA_LONG, 8, text.byteSize());
            MemorySegment message = arena.allocate(64, 8); // struct mmsghdr
            message.set(ValueLayout.ADDRESS, 16, vector);
            message.set(ValueLayout.JAVA_LONG, 24, 1);
            message.set(ValueLayout.ADDRESS, 32, control.fill((byte) 0));
            message.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
            int count = Native.receiveQueued(fd, message, 1, Native.stateMemory(arena));
            assertThat(count).as("datagrams").isEqualTo(1);
            int length = message.get(ValueLayout.JAVA_INT, 56);
            byte[] bytes = text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** The descriptor that came with the last one. */
        int descriptor() {
            assertThat(control.get(ValueLayout.JAVA_LONG, 0)).as("length").isEqualTo(20);
            return control.get(ValueLayout.JAVA_INT, 16);
        }

        @Override
        public void close() {
            Native.close(fd);
            arena.close();
        }
    }

    private Path path() {
        return directory.resolve("notify");
    }

    private ServiceManager manager() {
        return Systemd.of(Map.of("NOTIFY_SOCKET", path().toString()), PID);
    }

    private Listening listening() {
        return new Listening((path() + "\0").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsSaidArrivesAsItWasSaid() {
        try (Listening systemd = listening()) {
            assertThat(manager().notify("READY=1\nSTATUS=3 run, wäh")).isTrue();
            assertThat(systemd.next()).isEqualTo("READY=1\nSTATUS=3 run, wäh");
        }
    }

    @Test
    void aSocketWithoutAFileIsFoundByItsName() {
        String name = "narwhal-test-" + ProcessHandle.current().pid();
        try (var systemd = new Listening(("\0" + name).getBytes(StandardCharsets.UTF_8))) {
            ServiceManager manager = Systemd.of(Map.of("NOTIFY_SOCKET", "@" + name), PID);
            assertThat(manager.notify("WATCHDOG=1")).isTrue();
            assertThat(systemd.next()).isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void whatIsStoredArrivesAsTheSameSocket() {
        try (Listening systemd = listening();
                var socket = Net.system().bind("127.0.0.1", 0, 1 << 16)) {
            assertThat(manager().store("udp-1f", socket.descriptor())).isTrue();
            assertThat(systemd.next()).isEqualTo("FDSTORE=1\nFDPOLL=0\nFDNAME=udp-1f");
            int stored = systemd.descriptor();
            assertThat(stored).isNotEqualTo(socket.descriptor());
            assertThat(Native.cookie(stored)).isEqualTo(socket.cookie());
            Native.close(stored);

            manager().remove("udp-1f");
            assertThat(systemd.next()).isEqualTo("FDSTOREREMOVE=1\nFDNAME=udp-1f");
        }
    }

    @Test
    void nobodyListeningIsNoFailure() {
        assertThat(manager().notify("READY=1")).isFalse();
        assertThat(manager().store("udp-1f", 0)).isFalse();
        manager().remove("udp-1f");
    }

    @Test
    void withoutASocketThereIsNoServiceManager() {
        for (String none : new String[] {"", "vsock:2:1234", "relative", "/" + "x".repeat(200)}) {
            ServiceManager manager =
                    Systemd.of(Map.of("NOTIFY_SOCKET", none, "WATCHDOG_USEC", "1000000"), PID);
            assertThat(manager.isPresent()).as(none).isFalse();
            assertThat(manager.watchdogMs()).isZero();
            assertThat(manager.handedOver()).isEmpty();
        }
        assertThat(Systemd.of(Map.of(), PID).isPresent()).isFalse();
    }

    @Test
    void whatWasStoredIsHandedOverByNameAndOnlyToThisProcess() {
        var environment =
                new HashMap<>(
                        Map.of(
                                "NOTIFY_SOCKET", "/run/notify",
                                "LISTEN_PID", "4711",
                                "LISTEN_FDS", "3",
                                "LISTEN_FDNAMES", "udp-1:tcp-2"));
        assertThat(Systemd.of(environment, PID).handedOver())
                .containsExactly(
                        new ServiceManager.Parked("udp-1", 3),
                        new ServiceManager.Parked("tcp-2", 4),
                        new ServiceManager.Parked("", 5));
        assertThat(Systemd.of(environment, PID + 1).handedOver()).isEmpty();
        environment.put("LISTEN_FDS", "many");
        assertThat(Systemd.of(environment, PID).handedOver()).isEmpty();
    }

    @Test
    void theWatchdogIsOfThisProcessOrOfNone() {
        var environment =
                new HashMap<>(Map.of("NOTIFY_SOCKET", "/run/notify", "WATCHDOG_USEC", "30000000"));
        assertThat(Systemd.of(environment, PID).watchdogMs()).isEqualTo(30_000);
        environment.put("WATCHDOG_PID", "4711");
        assertThat(Systemd.of(environment, PID).watchdogMs()).isEqualTo(30_000);
        environment.put("WATCHDOG_PID", "1");
        assertThat(Systemd.of(environment, PID).watchdogMs()).isZero();
    }
}
