package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** R20, R21: processes that are started, seen, and taken note of when they end. */
@Timeout(30)
class SystemProcessesTest {
    @TempDir Path directory;
    private final Processes processes = Processes.system();

    @BeforeEach
    void onlyOnLinux() {
        Linux.assume();
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Processes.Identity shell(String script, Integer... sockets) {
        return processes.start(List.of("/bin/sh", "-c", script), log(), List.of(sockets));
    }

    private int awaitEnd(Processes.Identity child) {
        while (true) {
            Optional<Integer> code = processes.exitCode(child);
            if (code.isPresent()) {
                return code.get();
            }
            Thread.onSpinWait();
        }
    }

    private void awaitNotAlive(Processes.Identity child) {
        while (processes.isAlive(child)) {
            Thread.onSpinWait();
        }
    }

    @Test
    void theExitCodeOfAChildIsToldOnce() {
        Processes.Identity child = shell("exit 7");
        assertThat(awaitEnd(child)).isEqualTo(7);
        assertThat(processes.exitCode(child)).isEmpty();
    }

    @Test
    void aChildThatWasKilledEndedByTheSignal() {
        Processes.Identity child = shell("exec sleep 60");
        assertThat(processes.exitCode(child)).isEmpty();
        assertThat(processes.isAlive(child)).isTrue();
        processes.kill(child);
        assertThat(awaitEnd(child)).isEqualTo(128 + 9);
        assertThat(processes.isAlive(child)).isFalse();
    }

    @Test
    void aChildThatIsAskedToEndMayDoSoInItsWay() throws Exception {
        Processes.Identity child =
                shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done");
        while (Files.size(log()) == 0) {
            Thread.onSpinWait();
        }
        processes.terminate(child);
        assertThat(awaitEnd(child)).isEqualTo(3);
    }

    private void awaitStopped(Processes.Identity child) throws Exception {
        String stat = "";
        while (!stat.startsWith("T")) {
            stat = Files.readString(Path.of("/proc/" + child.pid() + "/stat"));
            stat = stat.substring(stat.lastIndexOf(')') + 2);
        }
    }

    @Test
    void aChildThatSomebodyHaltedHearsThatItIsToEnd() throws Exception {
        Processes.Identity child =
                shell("trap 'exit 3' TERM; echo ready; kill -STOP $$; while :; do :; done");
        awaitStopped(child);
        processes.terminate(child);
        assertThat(awaitEnd(child)).isEqualTo(3);
    }

    @Test
    void aChildThatSomebodyHaltedCanBeKilled() throws Exception {
        Processes.Identity child = shell("kill -STOP $$; sleep 60");
        awaitStopped(child);
        processes.kill(child);
        assertThat(awaitEnd(child)).isEqualTo(128 + 9);
    }

    @Test
    void theEndOfAProcessEndsTheWaitForIt() {
        Processes.Identity lasting = shell("exec sleep 60");
        Processes.Identity ending = shell("exec sleep 0.2");
        processes.awaitEnd(List.of(lasting, ending), 60_000); // or the test runs into its time-out
        assertThat(processes.isAlive(ending)).isFalse();
        assertThat(processes.isAlive(lasting)).isTrue();

        processes.awaitEnd(List.of(lasting, ending), 60_000); // a zombie now
        assertThat(awaitEnd(ending)).isZero();
        processes.awaitEnd(List.of(lasting, ending), 60_000); // nothing of it is left
        processes.kill(lasting);
        awaitEnd(lasting);
    }

    @Test
    void aWaitForWhatRunsOnEndsByItself() {
        long open = openDescriptors();
        processes.awaitEnd(List.of(processes.self()), 1);
        processes.awaitEnd(List.of(), 1);
        assertThat(processes.isAlive(processes.self())).isTrue();
        assertThat(openDescriptors()).isEqualTo(open);
    }

    private static long openDescriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    void theMemoryOfAProcessIsToldWhileItRuns() throws Exception {
        Processes.Identity child = shell("echo ready; exec sleep 60");
        assertThat(processes.anonymousBytes(child).getAsLong()).isBetween(1L, 1L << 26);
        processes.kill(child);
        awaitEnd(child);
        assertThat(processes.anonymousBytes(child)).isEmpty();
    }

    @Test
    void pagesOfFilesAreNoMemoryOfAProcess() throws Exception {
        int sizeBytes = 256 << 20;
        try (var file = new RandomAccessFile(directory.resolve("large").toFile(), "rw");
                var arena = Arena.ofConfined()) {
            file.setLength(sizeBytes);
            long before = processes.anonymousBytes(processes.self()).getAsLong();
            file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, sizeBytes, arena).load();
            arena.allocate(sizeBytes / 4).fill((byte) 1);
            // This very process's heap may move meanwhile, but not by as much.
            assertThat(processes.anonymousBytes(processes.self()).getAsLong() - before)
                    .isBetween(sizeBytes / 8L, sizeBytes * 3 / 4L);
        }
    }

    @Test
    void aZombieHasEnded() throws Exception {
        Processes.Identity child = shell("exit 0");
        awaitNotAlive(child);
        String stat = Files.readString(Path.of("/proc/" + child.pid() + "/stat"));
        assertThat(stat.substring(stat.lastIndexOf(')') + 2)).startsWith("Z");
        assertThat(processes.find(child.pid())).isEmpty();
        assertThat(awaitEnd(child)).isZero();
        assertThat(Path.of("/proc/" + child.pid())).doesNotExist();
    }

    @Test
    void aProcessOfTheSameNumberThatBeganAtAnotherTimeIsAnother() {
        Processes.Identity self = processes.self();
        assertThat(self.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(processes.isAlive(self)).isTrue();
        var other = new Processes.Identity(self.pid(), self.began() + 1);
        assertThat(processes.isAlive(other)).isFalse();
        processes.kill(other); // must not kill us
    }

    @Test
    void bothOutputsAreAppendedToTheLogAndTheInputIsEmpty() throws Exception {
        Files.writeString(log(), "before\n");
        awaitEnd(shell("cat; echo out; echo err >&2"));
        assertThat(Files.readAllLines(log())).containsExactly("before", "out", "err");
    }

    @Test
    void aChildIsInASessionOfItsOwnAndHearsItsSignals() throws Exception {
        // By exec, as a shell blocks signals for a moment whenever it starts a program beside
        // itself.
        awaitEnd(shell("cat /proc/$$/stat; echo $$; exec grep SigBlk /proc/self/status"));
        List<String> lines = Files.readAllLines(log());
        String stat = lines.getFirst();
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        assertThat(fields[3]).as("session").isEqualTo(lines.get(1));
        assertThat(lines.getLast()).isEqualTo("SigBlk:\t0000000000000000");
    }

    @Test
    void aChildHoldsTheSocketsItWasGivenInTheirOrderAndNothingElse() throws Exception {
        var net = Net.system();
        try (var one = net.bind("127.0.0.1", 0, 1 << 16);
                var two = net.bind("127.0.0.1", 0, 1 << 16)) {
            awaitEnd(
                    shell(
                            "readlink /proc/$$/fd/3; readlink /proc/$$/fd/4; ls /proc/$$/fd",
                            two.descriptor(),
                            one.descriptor()));
            assertThat(Files.readAllLines(log()))
                    .containsExactly(name(two), name(one), "0", "1", "2", "3", "4");
        }
    }

    private static String name(UdpSocket socket) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket.descriptor())).toString();
    }

    @Test
    void aProgramThatIsNotThereIsToldByName() {
        var command = List.of("/nowhere/program");
        assertThatThrownBy(() -> processes.start(command, log(), List.of()))
                .isInstanceOf(DiskFailure.class)
                .hasMessageContaining("cannot start /nowhere/program (errno 2)");
    }

    @Test
    void aLockIsFreeAgainOnceItIsReleased() {
        Path file = directory.resolve("lock");
        for (int i = 0; i < 2; i++) {
            var lock = processes.lock(file);
            assertThat(lock).isPresent();
            lock.get().close();
        }
    }
}
