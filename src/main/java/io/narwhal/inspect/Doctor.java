package io.narwhal.inspect;

import io.narwhal.base.Machine;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.record.Transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges whether a machine is fit for a configuration, and says what to type where it is not. Pure:
 * from {@link Facts} to {@link Finding}s, in the order of docs/operations/commands.md.
 */
public final class Doctor {
    /** Below this share of a file system that is still free, somebody should look. */
    static final double FREE_SHARE_MIN = 0.10;

    /** Below so many bytes the node will stand still soon. */
    static final long FREE_BYTES_MIN = 1L << 30;

    static final long FREE_FILES_MIN = 10_000;

    /** A commit interval is 20 ms: above this, forcing alone takes it. */
    static final long FORCE_SLOW_MICROS = 20_000;

    /** RADIUS clients ask again after a second or two. */
    static final long FORCE_BAD_MICROS = 500_000;

    /** No disk with a platter or a wire is as quick: such a force forces nothing. */
    static final long FORCE_UNREAL_MICROS = 15;

    static final long CLOCK_ERROR_MICROS_MAX = 1_000_000;
    static final long OPEN_FILES_MIN = 4_096;

    /** What a process needs beside its heap, about. */
    static final long BESIDE_HEAP_BYTES = 100L << 20;

    /** What DuckDB may take in an output. */
    static final long DUCKDB_BYTES = 256L << 20;

    /** A session, where flows ask for subscribers. */
    static final long SESSION_BYTES = 1_450;

    static final int JAVA_RELEASE = 25;
    private static final Set<String> REMOTE =
            Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "fuse.sshfs", "afs");
    private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

    private final NodeConfig config;
    private final Facts facts;
    private final List<Finding> findings = new ArrayList<>();

    private Doctor(NodeConfig config, Facts facts) {
        this.config = config;
        this.facts = facts;
    }

    /** Every check. */
    public static List<Finding> examine(NodeConfig config, Facts facts) {
        var doctor = new Doctor(config, facts);
        doctor.java();
        doctor.receiveBuffer();
        doctor.fileSystem();
        doctor.freeSpace();
        doctor.retention();
        doctor.force();
        doctor.clock();
        doctor.memory();
        doctor.sessions();
        doctor.openFiles();
        doctor.ports();
        doctor.files();
        doctor.sharing();
        doctor.systemd();
        return List.copyOf(doctor.findings);
    }

    private void ok(String check, String found) {
        findings.add(Finding.ok(check, found));
    }

    private void warn(String check, String found, String mend) {
        findings.add(Finding.warn(check, found, mend));
    }

    private void fail(String check, String found, String mend) {
        findings.add(Finding.fail(check, found, mend));
    }

    private void java() {
        boolean right = facts.java().startsWith(JAVA_RELEASE + ".");
        if (!right && !facts.java().equals(String.valueOf(JAVA_RELEASE))) {
            warn(
                    "java",
                    "Java " + facts.java() + "; tested with " + JAVA_RELEASE,
                    "use the runtime of the package, or NARWHAL_JAVA_HOME=/path/to/jdk-25");
        } else if (!facts.archives()) {
            warn(
                    "java",
                    "Java "
                            + facts.java()
                            + ", without prepared classes: processes start in twice"
                            + " the time",
                    "dpkg-reconfigure narwhal; unpacked or from source: start a node once as the"
                            + " user who owns the program");
        } else {
            ok("java", "Java " + facts.java() + ", with prepared classes");
        }
    }

    private void receiveBuffer() {
        long asked =
                config.collectors().stream()
                        .filter(one -> one.transport() == Transport.UDP)
                        .mapToLong(CollectorConfig::receiveBufferBytes)
                        .max()
                        .orElse(0);
        if (facts.rmemMaxBytes() < 0 || asked <= facts.rmemMaxBytes()) {
            ok("receive buffer", "net.core.rmem_max " + size(facts.rmemMaxBytes()));
            return;
        }
        warn(
                "receive buffer",
                "receive-buffer asks for "
                        + size(asked)
                        + ", net.core.rmem_max grants "
                        + size(facts.rmemMaxBytes())
                        + ": what comes while a collector is away is dropped sooner",
                "echo 'net.core.rmem_max = "
                        + asked
                        + "' > /etc/sysctl.d/90-narwhal.conf && sysctl --system, then restart the"
                        + " node");
    }

    private void fileSystem() {
        Machine.Volume volume = facts.volume();
        if (volume == null) {
            return;
        }
        String found = config.data() + " is on " + volume.type();
        if (MEMORY.contains(volume.type())) {
            fail(
                    "file system",
                    found + ": all of it is gone after a reboot",
                    "set data to a directory on a disk");
        } else if (REMOTE.contains(volume.type())) {
            fail(
                    "file system",
                    found + ": pages that processes share, and forces, do not work over a network",
                    "set data to a directory on a local disk");
        } else {
            ok("file system", found);
        }
    }

    private void freeSpace() {
        Machine.Volume volume = facts.volume();
        if (volume == null) {
            return;
        }
        String found = size(volume.freeBytes()) + " of " + size(volume.totalBytes()) + " free";
        String mend = "make room, lower journals.received.retention, or set compress: zstd";
        if (volume.freeBytes() < FREE_BYTES_MIN) {
            fail("disk", found, mend);
        } else if (volume.freeBytes() < volume.totalBytes() * FREE_SHARE_MIN) {
            warn("disk", found, mend);
        } else if (volume.freeFiles() >= 0 && volume.freeFiles() < FREE_FILES_MIN) {
            warn(
                    "disk",
                    found + ", but only " + volume.freeFiles() + " files can be made",
                    "delete what is many and small on this file system: df -i " + config.data());
        } else {
            ok("disk", found);
        }
    }

    private void retention() {
        Machine.Volume volume = facts.volume();
        long kept = config.journals().received().retentionMs();
        if (volume == null || facts.receivedBytesADay() <= 0) {
            return; // nothing is known yet of how much comes
        }
        double days = kept / 86_400_000.0;
        long needed =
                Math.max(0, (long) (facts.receivedBytesADay() * days) - facts.receivedBytes());
        String found =
                size(facts.receivedBytesADay())
                        + " received a day, kept for "
                        + String.format(Locale.ROOT, "%.1f", days)
                        + " days: "
                        + size(needed)
                        + " more to come";
        if (needed > volume.freeBytes()) {
            warn(
                    "retention",
                    found + ", " + size(volume.freeBytes()) + " free",
                    "lower journals.received.retention, set journals.received.capacity or compress:"
                            + " zstd, or give data a larger disk");
        } else {
            ok("retention", found);
        }
    }

    private void force() {
        if (!facts.writeFailure().isEmpty()) {
            fail(
                    "force",
                    facts.writeFailure(),
                    "run this as the user of the node, and give that user the directory: chown -R"
                            + " narwhal: "
                            + config.data());
            return;
        }
        if (facts.forceMicros().isEmpty()) {
            return; // the directory is not there yet
        }
        List<Long> sorted = facts.forceMicros().stream().sorted().toList();
        long median = sorted.get(sorted.size() / 2);
        long worst = sorted.getLast();
        String found = "a forced write takes " + millis(median) + ", at the most " + millis(worst);
        if (median > FORCE_BAD_MICROS) {
            fail(
                    "force",
                    found,
                    "give data a disk of its own, an SSD or one with a write cache"
                            + " that survives a power cut");
        } else if (median > FORCE_SLOW_MICROS) {
            warn("force", found, "give data a disk of its own; RADIUS clients wait for each force");
        } else if (median < FORCE_UNREAL_MICROS) {
            warn(
                    "force",
                    found + ": no disk is as quick, so a power cut may lose what was promised",
                    "mount without nobarrier or eatmydata; let the virtual disk pass flushes on");
        } else {
            ok("force", found);
        }
    }

    private void clock() {
        Machine.ClockState clock = facts.clock();
        if (clock == null) {
            return;
        }
        String found = "at the most " + millis(clock.errorMicros()) + " off";
        if (!clock.synchronised()) {
            warn(
                    "clock",
                    "nothing keeps it right: bins and sessions are charged by it",
                    "apt-get install chrony; or: timedatectl set-ntp true");
        } else if (clock.errorMicros() > CLOCK_ERROR_MICROS_MAX) {
            warn("clock", found, "look at its sources: chronyc sources, or timedatectl");
        } else {
            ok("clock", "kept right, " + found);
        }
    }

    private int transfers() {
        return (config.serve() == null ? 0 : 1) + (config.pull().isEmpty() ? 0 : 1);
    }

    private long heapBytes() {
        return transfers() * config.memory().transferBytes()
                + config.collectors().size() * config.memory().collectorBytes()
                + config.memory().accountingBytes()
                + config.outputs().size() * (config.memory().outputBytes() + DUCKDB_BYTES);
    }

    private void memory() {
        int processes = config.collectors().size() + config.outputs().size() + 2 + transfers();
        long needed = heapBytes() + processes * BESIDE_HEAP_BYTES;
        if (facts.memoryBytes() < 0) {
            return;
        }
        String found =
                processes
                        + " processes may take "
                        + size(needed)
                        + " of "
                        + size(facts.memoryBytes());
        String mend =
                "lower memory.accounting with limits.open-keys and limits.sessions, or add"
                        + " memory (under systemd: MemoryMax=)";
        if (needed > facts.memoryBytes()) {
            fail("memory", found + ": the kernel kills some under load", mend);
        } else if (needed > facts.memoryBytes() / 10 * 9) {
            warn("memory", found, mend);
        } else {
            ok("memory", found);
        }
    }

    private void sessions() {
        long lanes = config.collectors().stream().filter(one -> one.radius() != null).count();
        if (lanes == 0) {
            return;
        }
        long needed = lanes * config.limits().sessions() * SESSION_BYTES;
        String found =
                config.limits().sessions()
                        + " sessions may take "
                        + size(needed)
                        + " of accounting's "
                        + size(config.memory().accountingBytes());
        if (needed > config.memory().accountingBytes() / 2) {
            warn("sessions", found, "raise memory.accounting, or lower limits.sessions");
        } else {
            ok("sessions", found);
        }
    }

    private void openFiles() {
        long connections =
                config.collectors().stream()
                        .filter(one -> one.transport() != Transport.UDP)
                        .mapToLong(one -> (long) one.sessions() * one.listen().size())
                        .sum();
        long needed = Math.max(OPEN_FILES_MIN, connections + 1_000);
        String found = "a process may have " + facts.openFilesMax() + " files open";
        if (facts.openFilesMax() >= 0 && facts.openFilesMax() < needed) {
            warn(
                    "open files",
                    found + ", and may need " + needed,
                    "ulimit -n " + needed + "; under systemd: LimitNOFILE=" + needed);
        } else if (facts.openFilesMax() >= 0) {
            ok("open files", found);
        }
    }

    private void ports() {
        int before = findings.size();
        for (CollectorConfig collector : config.collectors()) {
            String transport = collector.transport() == Transport.UDP ? "udp" : "tcp";
            collector.listen().forEach(listen -> port(transport, listen.port()));
        }
        if (findings.size() == before) {
            ok("ports", "free, or this node's");
        }
    }

    private void port(String transport, int port) {
        for (Machine.Listener other : facts.listeners()) {
            boolean same = other.port() == port && other.transport().equals(transport);
            if (same && !isOurs(other)) {
                String who =
                        other.pid() == 0
                                ? "another user's process"
                                : "process " + other.pid() + " (" + other.command() + ")";
                fail(
                        "ports",
                        transport + " " + port + " is taken by " + who,
                        other.pid() == 0
                                ? "see who, as root: ss -l"
                                        + transport.charAt(0)
                                        + "np 'sport = :"
                                        + port
                                        + "'"
                                : "stop it, or listen elsewhere");
            }
        }
        if (port < facts.lowestPort() && !facts.bindsLowPorts()) {
            warn(
                    "ports",
                    transport
                            + " "
                            + port
                            + " needs a right that "
                            + facts.user()
                            + " does not have",
                    "systemctl edit narwhal, [Service]"
                            + " AmbientCapabilities=CAP_NET_BIND_SERVICE"
                            + " CapabilityBoundingSet=CAP_NET_BIND_SERVICE");
        }
    }

    // The shell that keeps the sockets beside the node's processes has no page that says so.
    private boolean isOurs(Machine.Listener listener) {
        return facts.listeners().stream()
                .filter(one -> one.socket() == listener.socket())
                .anyMatch(one -> facts.ourPids().contains(one.pid()));
    }

    private void files() {
        int before = findings.size();
        facts.files().forEach(this::file);
        if (findings.size() == before) {
            ok("permissions", "data, configuration and secrets are as they should be");
        }
    }

    private void file(Facts.FileFact file) {
        Machine.Access access = file.access();
        if (access == null) {
            if (file.role() != Facts.Role.DATA) {
                fail("permissions", file.path() + " cannot be looked at", "is it there?");
            }
            return; // the node makes its directory
        }
        String found = file.path() + " is " + access.mode() + " of " + access.owner();
        boolean mayUse = file.role() == Facts.Role.DATA ? access.writable() : access.readable();
        if (!mayUse) {
            String way = file.role() == Facts.Role.DATA ? "written" : "read";
            fail(
                    "permissions",
                    found + " and cannot be " + way + " by " + facts.user(),
                    "run this as the user of the node, or: chown narwhal " + file.path());
        } else if (file.role() == Facts.Role.SECRET && access.isWorldReadable()) {
            warn(
                    "permissions",
                    found + ": every user can read this secret",
                    "chgrp narwhal " + file.path() + " && chmod 0640 " + file.path());
        } else if (access.isWorldWritable()) {
            warn(
                    "permissions",
                    found + ": every user can change what is billed",
                    "chmod o-w " + file.path());
        }
    }

    private void sharing() {
        if (facts.ptraceScope() >= 2) {
            warn(
                    "sockets",
                    "kernel.yama.ptrace_scope is "
                            + facts.ptraceScope()
                            + ": a node manager that follows a killed one cannot take its sockets",
                    "sysctl kernel.yama.ptrace_scope=1, and in /etc/sysctl.d; not needed under"
                            + " systemd, which keeps the sockets");
        } else {
            ok("sockets", "a node manager can take over those of a killed one");
        }
    }

    private void systemd() {
        if (facts.systemd() && !facts.unit()) {
            warn(
                    "systemd",
                    "there is no narwhal.service, so nothing starts the node after a reboot",
                    "install the package, or the unit that it holds: docs/operations/running.md");
        } else {
            ok(
                    "systemd",
                    facts.systemd()
                            ? "narwhal.service is there"
                            : "does not run here; who starts the node after a reboot is up to you");
        }
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, micros < 10_000 ? "%.2f ms" : "%.0f ms", micros / 1000.0);
    }

    static String size(long bytes) {
        if (bytes < 0) {
            return "not known";
        }
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 && unit > 0 ? "%.1f" : "%.0f", value)
                + " "
                + units[unit];
    }

    /** How many findings there are of each verdict, for people. */
    public static String sum(List<Finding> findings) {
        return findings.stream()
                .collect(
                        Collectors.groupingBy(
                                Finding::verdict, java.util.TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().label())
                .collect(Collectors.joining(", "));
    }
}
