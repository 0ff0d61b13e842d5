package io.narwhal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Machine;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.Finding.Verdict;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/** Issue 5, point 9: each check of the doctor, on machines that are fit and on others. */
class DoctorTest {
    private static final long GIB = 1L << 30;
    private static final Path SECRET = Path.of("/etc/narwhal/some");
    private static final Machine.Access OWN =
            new Machine.Access("narwhal", "rwxr-x---", true, true);

    private static final NodeConfig CONFIG =
            config(
                    """
                    data: /var/lib/narwhal
                    collectors:
                      flows: { protocol: netflow, listen: "[::]:2055", receive-buffer: 64MiB }
                      lines: { protocol: ipfix, transport: tcp, listen: ["[::]:4739", "[::1]:4740"], sessions: 2000 }
                    usage: { by-pair: { keys: [src_addr] } }
                    journals: { received: { retention: 2d } }
                    """);

    private static NodeConfig config(String yaml) {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(SECRET.getParent());
        disk.put(SECRET, "a-secret-of-many-letters".getBytes(StandardCharsets.UTF_8));
        return switch (ConfigLoader.load(disk, Path.of("/etc/narwhal/narwhal.yaml"), yaml)) {
            case Loaded.Valid(var config, var _) -> config;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    /** A machine on which everything is as it should be; a test changes one thing of it. */
    private static final class Box {
        long rmemMax = 128 << 20;
        Machine.@Nullable Volume volume =
                new Machine.Volume("ext4", 1_000 * GIB, 500 * GIB, 1_000_000);
        List<Long> forces = Collections.nCopies(20, 2_000L);
        String writeFailure = "";
        long receivedADay;
        long received;
        Machine.@Nullable ClockState clock = new Machine.ClockState(true, 20_000);
        String java = "25.0.3";
        boolean archives = true;
        Facts.Role role = Facts.Role.DATA;
        Machine.@Nullable Access access = OWN;
        long openFiles = 65_536;
        long memory = 16 * GIB;
        int ptrace;
        List<Machine.Listener> listeners = List.of();
        int lowestPort = 1024;
        boolean bindsLow;
        boolean systemd = true;
        boolean unit = true;

        Finding examine(String check) {
            return examine(CONFIG, check);
        }

        Finding examine(NodeConfig config, String check) {
            List<Finding> found =
                    all(config).stream().filter(one -> one.check().equals(check)).toList();
            assertThat(found).as(check).hasSize(1);
            return found.getFirst();
        }

        List<Finding> all(NodeConfig config) {
            var file = new Facts.FileFact(role, SECRET, access);
            return Doctor.examine(
                    config,
                    new Facts(
                            rmemMax,
                            volume,
                            forces,
                            writeFailure,
                            receivedADay,
                            received,
                            clock,
                            java,
                            archives,
                            "narwhal",
                            List.of(file),
                            openFiles,
                            memory,
                            ptrace,
                            listeners,
                            List.of(77L),
                            lowestPort,
                            bindsLow,
                            systemd,
                            unit));
        }
    }

    private static void assertIs(Finding finding, Verdict verdict, String... words) {
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(verdict);
        for (String word : words) {
            assertThat(finding.found() + " | " + finding.mend()).contains(word);
        }
        assertThat(finding.mend().isEmpty())
                .as(finding.toString())
                .isEqualTo(verdict == Verdict.OK);
    }

    @Test
    void aFitMachineHasNothingToMend() {
        assertThat(new Box().all(CONFIG)).hasSize(12).allSatisfy(one -> assertIs(one, Verdict.OK));
    }

    @Test
    void whatCannotBeKnownIsNoFault() {
        var box = new Box();
        box.rmemMax = -1;
        box.volume = null;
        box.forces = List.of();
        box.clock = null;
        box.openFiles = -1;
        box.memory = -1;
        box.access = null;
        box.systemd = false;
        box.unit = false;
        assertThat(box.all(CONFIG)).allSatisfy(one -> assertIs(one, Verdict.OK));
    }

    @ParameterizedTest
    @CsvSource({"25, true, OK", "25.0.3, true, OK", "25.0.3, false, WARN", "26, true, WARN"})
    void theRuntimeIsTheOneThatIsTestedAndHasPreparedClasses(
            String java, boolean archives, Verdict verdict) {
        var box = new Box();
        box.java = java;
        box.archives = archives;
        assertIs(box.examine("java"), verdict, "Java " + java);
    }

    @Test
    void aReceiveBufferThatTheKernelDoesNotGrantIsToldWithTheLineThatRaisesIt() {
        var box = new Box();
        box.rmemMax = 212_992;
        assertIs(
                box.examine("receive buffer"),
                Verdict.WARN,
                "64 MiB",
                "208 KiB",
                "net.core.rmem_max = 67108864",
                "sysctl --system");
        box.rmemMax = 64 << 20;
        assertIs(box.examine("receive buffer"), Verdict.OK);
    }

    @ParameterizedTest
    @CsvSource({"ext4, OK", "xfs, OK", "overlay, OK", "tmpfs, FAIL", "nfs4, FAIL", "cifs, FAIL"})
    void dataIsOnALocalDisk(String type, Verdict verdict) {
        var box = new Box();
        box.volume = new Machine.Volume(type, 1_000 * GIB, 500 * GIB, -1);
        assertIs(box.examine("file system"), verdict, type);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 101, 100000, OK",
        "1000, 99, 100000, WARN",
        "5, 0, 100000, FAIL",
        "1000, 500, 9999, WARN",
        "1000, 500, -1, OK"
    })
    void thereIsRoomForBytesAndFiles(long gib, long free, long files, Verdict verdict) {
        var box = new Box();
        box.volume = new Machine.Volume("ext4", gib * GIB, free * GIB, files);
        assertIs(box.examine("disk"), verdict);
    }

    @ParameterizedTest
    @CsvSource({"100, 0, OK", "300, 0, WARN", "300, 150, OK"})
    void whatComesIsHeldAgainstTheRetention(long gibADay, long gibThere, Verdict verdict) {
        var box = new Box();
        box.receivedADay = gibADay * GIB;
        box.received = gibThere * GIB;
        assertIs(box.examine("retention"), verdict, "2.0 days");
    }

    @ParameterizedTest
    @CsvSource({"2000, OK", "30000, WARN", "600000, FAIL", "5, WARN"})
    void forcesAreNeitherSlowNorUnreal(long micros, Verdict verdict) {
        var box = new Box();
        box.forces = Collections.nCopies(20, micros);
        assertIs(box.examine("force"), verdict);
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsToldWithTheReason() {
        var box = new Box();
        box.writeFailure = "cannot open /var/lib/narwhal/x: permission denied";
        assertIs(box.examine("force"), Verdict.FAIL, "permission denied", "chown");
    }

    @ParameterizedTest
    @CsvSource({"true, 20000, OK", "true, 3000000, WARN", "false, 0, WARN"})
    void theClockIsKeptRight(boolean synchronised, long errorMicros, Verdict verdict) {
        var box = new Box();
        box.clock = new Machine.ClockState(synchronised, errorMicros);
        assertIs(box.examine("clock"), verdict);
    }

    @ParameterizedTest
    @CsvSource({"16, OK", "1, FAIL"})
    void theHeapsFitIntoMemory(long gib, Verdict verdict) {
        var box = new Box();
        box.memory = gib * GIB;
        assertIs(box.examine("memory"), verdict, "5 processes");
    }

    @ParameterizedTest
    @CsvSource({"250000, OK", "1000000, WARN"})
    void sessionsFitIntoTheHeapOfAccounting(long sessions, Verdict verdict) {
        NodeConfig radius =
                config(
                        """
                        data: /var/lib/narwhal
                        collectors:
                          acct:
                            protocol: radius
                            listen: "[::]:1813"
                            clients: [ { address: 192.0.2.0/24, secret-file: /etc/narwhal/some } ]
                        usage: { by-session: { keys: [session_id] } }
                        limits: { sessions: %d }
                        """
                                .formatted(sessions));
        assertIs(new Box().examine(radius, "sessions"), verdict, sessions + " sessions");
    }

    @ParameterizedTest
    @CsvSource({"65536, OK", "5000, OK", "4999, WARN", "1024, WARN"})
    void connectionsHaveFilesEnough(long files, Verdict verdict) {
        var box = new Box();
        box.openFiles = files;
        assertIs(box.examine("open files"), verdict, String.valueOf(files));
    }

    @ParameterizedTest
    @CsvSource({
        "udp, 2055, 99, FAIL, process 99 (nfcapd)",
        "udp, 2055, 0, FAIL, another user's process",
        "udp, 2055, 77, OK, free",
        "tcp, 2055, 99, OK, free",
        "tcp, 4739, 99, FAIL, process 99 (nfcapd)"
    })
    void aPortOfSomebodyElseIsToldWithWho(
            String transport, int port, long pid, Verdict verdict, String words) {
        var box = new Box();
        box.listeners = List.of(new Machine.Listener(transport, port, 4711, pid, "nfcapd"));
        assertIs(box.examine("ports"), verdict, words);
    }

    @Test
    void aSocketThatThisNodeHoldsIsOursWhoeverElseHoldsIt() {
        var keeper = new Machine.Listener("udp", 2055, 4711, 99, "sleep");
        var box = new Box();
        box.listeners = List.of(keeper, new Machine.Listener("udp", 2055, 4711, 77, "java"));
        assertIs(box.examine("ports"), Verdict.OK);
        box.listeners = List.of(keeper, new Machine.Listener("udp", 2055, 4712, 77, "java"));
        assertIs(box.examine("ports"), Verdict.FAIL, "process 99 (sleep)");
    }

    @ParameterizedTest
    @CsvSource({"1024, false, OK", "3000, false, WARN", "3000, true, OK"})
    void aLowPortNeedsARight(int lowest, boolean binds, Verdict verdict) {
        var box = new Box();
        box.lowestPort = lowest;
        box.bindsLow = binds;
        assertIs(box.examine("ports"), verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "DATA, rwxr-x---, true, true, OK",
        "DATA, rwxr-xr-x, true, false, FAIL",
        "DATA, rwxrwxrwx, true, true, WARN",
        "CONFIGURATION, rw-r--r--, true, false, OK",
        "CONFIGURATION, rw-------, false, false, FAIL",
        "CONFIGURATION, rw-rw-rw-, true, false, WARN",
        "SECRET, rw-r-----, true, false, OK",
        "SECRET, rw-r--r--, true, false, WARN",
        "SECRET, rw-------, false, false, FAIL"
    })
    void filesHaveTheRightsThatTheyNeedAndNoMore(
            Facts.Role role, String mode, boolean readable, boolean writable, Verdict verdict) {
        var box = new Box();
        box.role = role;
        box.access = new Machine.Access("someone", mode, readable, writable);
        assertIs(box.examine("permissions"), verdict);
    }

    @Test
    void aSecretThatIsMissingIsToldAndADataDirectoryIsMade() {
        var box = new Box();
        box.access = null;
        assertIs(box.examine("permissions"), Verdict.OK);
        box.role = Facts.Role.SECRET;
        assertIs(box.examine("permissions"), Verdict.FAIL, "/etc/narwhal/some");
    }

    @ParameterizedTest
    @CsvSource({"0, OK", "1, OK", "2, WARN", "3, WARN"})
    void yamaLetsAManagerTakeSocketsOver(int scope, Verdict verdict) {
        var box = new Box();
        box.ptrace = scope;
        assertIs(box.examine("sockets"), verdict);
    }

    @ParameterizedTest
    @CsvSource({"true, true, OK", "true, false, WARN", "false, false, OK"})
    void aNodeIsStartedAfterAReboot(boolean systemd, boolean unit, Verdict verdict) {
        var box = new Box();
        box.systemd = systemd;
        box.unit = unit;
        assertIs(box.examine("systemd"), verdict);
    }

    @Test
    void theSumCountsByVerdict() {
        assertThat(
                        Doctor.sum(
                                List.of(
                                        Finding.fail("a", "", "x"),
                                        Finding.ok("b", ""),
                                        Finding.warn("c", "", "y"),
                                        Finding.ok("d", ""))))
                .isEqualTo("2 ok, 1 warn, 1 fail");
    }
}
