package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
