package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Machine;
import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ClientConfig;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.Facts;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds out about this machine what {@link io.narwhal.inspect.Doctor} judges. */
final class FactsReader {
    private static final int FORCES = 20;
    private static final int FORCED_BYTES = 4096;
    private static final int LOW_PORT = 1024;
    private static final long NET_BIND_SERVICE = 1L << 10;
    private static final Duration PACE_MIN = Duration.ofMinutes(10);
    private static final String PROBE = ".doctor.tmp";
    private static final Path SYS = Path.of("/proc/sys");

    private final Machine machine;
    private final Disk disk;
    private final Clock clock;
    private final NodeConfig config;
    private final NodeLayout layout;
    private String writeFailure = "";

    FactsReader(Machine machine, Disk disk, Clock clock, NodeConfig config) {
        this.machine = machine;
        this.disk = disk;
        this.clock = clock;
        this.config = config;
        this.layout = new NodeLayout(config.data());
    }

    Facts read() {
        List<Long> forces = forces();
        long[] received = received();
        return new Facts(
                number(SYS.resolve("net/core/rmem_max")).orElse(-1),
                machine.volume(existing(config.data().toAbsolutePath())).orElse(null),
                forces,
                writeFailure,
                received[0],
                received[1],
                machine.clock().orElse(null),
                System.getProperty("java.version"),
                ThisProgram.hasArchives(disk),
                System.getProperty("user.name"),
                files(),
                openFiles(),
                memory(),
                (int) number(SYS.resolve("kernel/yama/ptrace_scope")).orElse(0),
                machine.listeners(ports()),
                ourPids(),
                (int) number(SYS.resolve("net/ipv4/ip_unprivileged_port_start")).orElse(LOW_PORT),
                (capabilities() & NET_BIND_SERVICE) != 0,
                disk.exists(Path.of("/run/systemd/system")),
                hasUnit());
    }

    private OptionalLong number(Path file) {
        return machine.text(file)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    private Path existing(Path path) {
        Path at = path;
        while (!disk.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    private List<Long> forces() {
        if (!disk.exists(config.data())) {
            return List.of();
        }
        Path probe = config.data().resolve(PROBE);
        List<Long> micros = new ArrayList<>();
        try (var file = disk.open(probe, Disk.Mode.REPLACE)) {
            for (int i = 0; i < FORCES; i++) {
                long start = clock.monotonicNanos();
                file.write(ByteBuffer.allocate(FORCED_BYTES), (long) i * FORCED_BYTES);
                file.force();
                micros.add((clock.monotonicNanos() - start) / 1_000);
            }
            disk.delete(probe);
        } catch (DiskFailure e) {
            writeFailure = String.valueOf(e.getMessage());
        }
        return micros;
    }

    // Bytes a day, by the files of the journals and when each was last written; and bytes in all.
    private long[] received() {
        long bytes = 0;
        long bytesADay = 0;
        for (CollectorConfig collector : config.collectors()) {
            Path journal = layout.received(collector.name());
            List<Instant> changed = new ArrayList<>();
            List<Long> sizes = new ArrayList<>();
            for (String name : disk.list(journal)) {
                if (name.endsWith(".seg") || name.endsWith(".segz")) {
                    sizes.add(size(journal.resolve(name)));
                    machine.changed(journal.resolve(name)).ifPresent(changed::add);
                }
            }
            long all = sizes.stream().mapToLong(Long::longValue).sum();
            bytes += all;
            bytesADay += changed.size() < 2 ? 0 : pace(changed, all - sizes.getFirst());
        }
        return new long[] {bytesADay, bytes};
    }

    private static long pace(List<Instant> changed, long bytes) {
        Instant from = changed.stream().min(Instant::compareTo).orElseThrow();
        Instant to = changed.stream().max(Instant::compareTo).orElseThrow();
        Duration took = Duration.between(from, to);
        return took.compareTo(PACE_MIN) < 0
                ? 0
                : (long) (bytes * (double) Duration.ofDays(1).toMillis() / took.toMillis());
    }

    private long size(Path file) {
        try (var open = disk.open(file, Disk.Mode.READ)) {
            return open.size();
        } catch (DiskFailure e) {
            return 0; // trimmed meanwhile
        }
    }

    private List<Facts.FileFact> files() {
        List<Facts.FileFact> files = new ArrayList<>();
        files.add(fact(Facts.Role.DATA, config.data()));
        if (disk.exists(config.source().file())) {
            files.add(fact(Facts.Role.CONFIGURATION, config.source().file()));
        }
        var customers = config.enhance().customers();
        if (customers != null) {
            files.add(fact(Facts.Role.CONFIGURATION, customers.table()));
        }
        for (CollectorConfig collector : config.collectors()) {
            if (collector.tls() != null) {
                files.add(fact(Facts.Role.CONFIGURATION, collector.tls().certificate()));
                files.add(fact(Facts.Role.SECRET, collector.tls().key()));
            }
            if (collector.radius() != null) {
                collector.radius().clients().stream()
                        .map(ClientConfig::secretFile)
                        .filter(Objects::nonNull)
                        .distinct()
                        .forEach(file -> files.add(fact(Facts.Role.SECRET, file)));
            }
        }
        return files;
    }

    private Facts.FileFact fact(Facts.Role role, Path path) {
        Machine.@Nullable Access access = machine.access(path).orElse(null);
        return new Facts.FileFact(role, path, access);
    }

    private long openFiles() {
        return machine.text(Path.of("/proc/self/limits")).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split("\\s{2,}")[1])
                .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                .findFirst()
                .orElse(-1);
    }

    private long memory() {
        long machineBytes =
                machine.text(Path.of("/proc/meminfo")).stream()
                        .flatMap(String::lines)
                        .filter(line -> line.startsWith("MemTotal:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                        .findFirst()
                        .orElse(-1);
        long groupBytes =
                number(Path.of("/sys/fs/cgroup/memory.max"))
                        .orElse(
                                number(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
                                        .orElse(Long.MAX_VALUE));
        return machineBytes < 0 ? -1 : Math.min(machineBytes, groupBytes);
    }

    private List<Integer> ports() {
        return config.collectors().stream()
                .flatMap(one -> one.listen().stream())
                .map(Listen::port)
                .distinct()
                .toList();
    }

    private List<Long> ourPids() {
        List<Long> pids = new ArrayList<>();
        Processes processes = Processes.system();
        for (String name : disk.list(layout.run())) {
            if (name.endsWith(".page")) {
                owner(layout.run().resolve(name))
                        .filter(processes::isAlive)
                        .ifPresent(owner -> pids.add(owner.pid()));
            }
        }
        return pids;
    }

    // Without rights to the page its owner is a stranger to us.
    private Optional<Processes.Identity> owner(Path page) {
        try (var open = ComponentPage.open(disk, page)) {
            return Optional.of(open.owner());
        } catch (DiskFailure e) {
            return Optional.empty();
        }
    }

    private long capabilities() {
        return machine.text(Path.of("/proc/self/status")).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("CapEff:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .findFirst()
                .orElse(0);
    }

    private boolean hasUnit() {
        return List.of("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
                .stream()
                .anyMatch(directory -> disk.exists(Path.of(directory, "narwhal.service")));
    }
}
