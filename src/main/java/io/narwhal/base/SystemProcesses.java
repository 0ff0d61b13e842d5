package io.narwhal.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** {@link Processes} by the JDK and, on Linux, /proc: the JDK takes a zombie for alive. */
final class SystemProcesses implements Processes {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Set<String> ANONYMOUS = Set.of("RssAnon:", "VmSwap:");
    private static final int GIVE_WAY = 10; // of 19
    private static final int STAT_STATE = 0;
    private static final int STAT_START_TIME = 19;

    // Empty while the child runs, or when its end is not known yet.
    private final Map<Identity, Optional<Process>> children = new ConcurrentHashMap<>();

    @Override
    public Identity self() {
        return find(ProcessHandle.current().pid()).orElseThrow();
    }

    @Override
    public Optional<Identity> find(long pid) {
        return Native.available() ? findInProc(pid) : findByHandle(pid);
    }

    private static Optional<Identity> findInProc(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The command's name, in brackets, may hold anything.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean ended = "ZXx".contains(fields[STAT_STATE]);
            return ended
                    ? Optional.empty()
                    : Optional.of(new Identity(pid, Long.parseLong(fields[STAT_START_TIME])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Identity> findByHandle(long pid) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(
                        handle ->
                                new Identity(
                                        pid,
                                        handle.info()
                                                .startInstant()
                                                .map(Instant::toEpochMilli)
                                                .orElse(0L)));
    }

    @Override
    public Identity start(List<String> command, Path output, List<Integer> sockets) {
        return Native.available() ? spawn(command, output, sockets) : startByJdk(command, output);
    }

    private Identity spawn(List<String> command, Path output, List<Integer> sockets) {
        long pid = Spawn.start(command, output, sockets);
        if (pid < 0) {
            throw new DiskFailure(
                    "cannot start " + command.getFirst() + " (errno " + -pid + ") with output to",
                    output,
                    null);
        }
        Identity identity = find(pid).orElse(new Identity(pid, -1));
        children.put(identity, Optional.empty());
        return identity;
    }

    private Identity startByJdk(List<String> command, Path output) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                            .start();
            Identity identity = find(process.pid()).orElse(new Identity(process.pid(), -1));
            children.put(identity, Optional.of(process));
            return identity;
        } catch (IOException e) {
            throw new DiskFailure(
                    "cannot start " + command.getFirst() + " with output to", output, e);
        }
    }

    @Override
    public void terminate(Identity process) {
        if (isAlive(process)) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroy);
            if (Native.available()) {
                Native.resume(process.pid());
            }
        }
    }

    @Override
    public void kill(Identity process) {
        if (isAlive(process)) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public void awaitEnd(List<Identity> running, long millis) {
        if (Native.available()) {
            LinuxEnds.await(running.stream().map(Identity::pid).toList(), millis);
        } else {
            LockSupport.parkNanos(millis * 1_000_000);
        }
    }

    @Override
    public OptionalLong anonymousBytes(Identity process) {
        if (!Native.available()) {
            return OptionalLong.empty();
        }
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            // 'RssAnon:     1234 kB'
            long kib =
                    lines.map(line -> line.split("\\s+"))
                            .filter(words -> ANONYMOUS.contains(words[0]))
                            .mapToLong(words -> Long.parseLong(words[1]))
                            .sum();
            return isAlive(process) ? OptionalLong.of(kib << 10) : OptionalLong.empty();
        } catch (IOException | UncheckedIOException e) {
            return OptionalLong.empty(); // it has ended
        }
    }

    @Override
    public Optional<Integer> exitCode(Identity process) {
        Optional<Process> child = children.get(process);
        if (child == null) {
            return Optional.empty();
        }
        Optional<Integer> code =
                child.isPresent()
                        ? child.filter(one -> !one.isAlive()).map(Process::exitValue)
                        : Spawn.ended(process.pid());
        code.ifPresent(ignored -> children.remove(process));
        return code;
    }

    @Override
    public void giveWay() {
        if (Native.available()) {
            Native.nice(GIVE_WAY);
        }
    }

    @Override
    public void allowSharing() {
        if (Native.available()) {
            Native.allowSharing();
        }
    }

    @Override
    public UUID boot() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException e) {
            return new UUID(0, 0);
        }
    }

    @Override
    public Optional<Lock> lock(Path file) {
        try {
            var channel =
                    FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            if (channel.tryLock() == null) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(() -> release(file, channel));
        } catch (IOException e) {
            throw new DiskFailure("cannot lock", file, e);
        } catch (UncheckedIOException e) {
            throw new DiskFailure("cannot lock", file, e.getCause());
        }
    }

    private static void release(Path file, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new DiskFailure("cannot release the lock", file, e);
        }
    }
}
