package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Processes;
import io.narwhal.base.Processes.Identity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs a command of the system to its end.
 *
 * @param log where it prints
 */
record Shell(Processes processes, Clock clock, Path log) {
    private static final long LOOK_MS = 5;
    private static final long RUN_MS_MAX = 20_000;

    /** Whether the command ended with 0; one that does not end is killed. */
    boolean run(String... command) {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$0\" \"$@\""));
        line.addAll(List.of(command));
        Identity process = processes.start(line, log, List.of());
        long deadline = nowMs() + RUN_MS_MAX;
        Optional<Integer> code = processes.exitCode(process);
        while (code.isEmpty() && nowMs() < deadline) {
            clock.sleepMillis(LOOK_MS);
            code = processes.exitCode(process);
        }
        processes.kill(process);
        return code.equals(Optional.of(0));
    }

    /** Halts a process where it is (SIGSTOP). */
    void halt(Identity process) {
        signal("-STOP", process);
    }

    /** Lets a halted process go on (SIGCONT). */
    void resume(Identity process) {
        signal("-CONT", process);
    }

    private void signal(String signal, Identity process) {
        if (processes.isAlive(process)) {
            run("/bin/sh", "-c", "kill " + signal + " " + process.pid());
        }
    }

    private long nowMs() {
        return clock.monotonicNanos() / 1_000_000;
    }
}
