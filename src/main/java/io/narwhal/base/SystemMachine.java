package io.narwhal.base;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link Machine} by /proc, the JDK, and the two calls of Linux that neither has. */
final class SystemMachine implements Machine {
    private static final Path PROC = Path.of("/proc");
    private static final int PIECE_BYTES = 1 << 16;
    private static final int STATUS_UNSYNCHRONISED = 0x40;
    private static final int TIMEX_BYTES = 256; // 208 are used
    private static final int AT_MAX_ERROR = 24;
    private static final int AT_STATUS = 40;
    private static final int STATFS_BYTES = 256; // 120 are used
    private static final int AT_FILES = 40;
    private static final int AT_FREE_FILES = 48;
    private static final String TCP_LISTENING = "0A";

    @Override
    public Optional<String> text(Path file) {
        try (var in = Files.newInputStream(file)) {
            // In large pieces: some files of /proc give all they have at the first read, or never.
            var bytes = new ByteArrayOutputStream();
            byte[] piece = new byte[PIECE_BYTES];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                bytes.write(piece, 0, n);
            }
            return Optional.of(bytes.toString(StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Volume> volume(Path path) {
        try {
            var store = Files.getFileStore(path);
            return Optional.of(
                    new Volume(
                            store.type(),
                            store.getTotalSpace(),
                            store.getUsableSpace(),
                            Native.available() ? freeFiles(path) : -1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long freeFiles(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            MemorySegment into = arena.allocate(STATFS_BYTES, 8);
            boolean known = call("statfs", name, into) == 0;
            return known && into.get(JAVA_LONG, AT_FILES) > 0
                    ? into.get(JAVA_LONG, AT_FREE_FILES)
                    : -1;
        }
    }

    @Override
    public Optional<Access> access(Path path) {
        try {
            var file = Files.readAttributes(path, PosixFileAttributes.class);
            return Optional.of(
                    new Access(
                            file.owner().getName(),
                            PosixFilePermissions.toString(file.permissions()),
                            Files.isReadable(path),
                            Files.isWritable(path)));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Instant> changed(Path path) {
        try {
            return Optional.of(Files.getLastModifiedTime(path).toInstant());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<ClockState> clock() {
        if (!Native.available()) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timex = arena.allocate(TIMEX_BYTES, 8); // zeros: asks, and sets nothing
            if (call("adjtimex", timex) < 0) {
                return Optional.empty();
            }
            boolean off = (timex.get(JAVA_INT, AT_STATUS) & STATUS_UNSYNCHRONISED) != 0;
            return Optional.of(new ClockState(!off, timex.get(JAVA_LONG, AT_MAX_ERROR)));
        }
    }

    // Not among the calls of Native, which every component would make when it starts.
    private static int call(String name, MemorySegment... arguments) {
        Linker linker = Linker.nativeLinker();
        var address = linker.defaultLookup().find(name);
        if (address.isEmpty()) {
            return -1;
        }
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        Arrays.fill(layouts, ADDRESS);
        MethodHandle function =
                linker.downcallHandle(address.get(), FunctionDescriptor.of(JAVA_INT, layouts));
        try {
            return (int) function.invokeWithArguments((Object[]) arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("system call " + name, e);
        }
    }

    @Override
    public List<Listener> listeners(List<Integer> ports) {
        Map<String, Listener> byInode = new HashMap<>();
        for (String table : List.of("udp", "udp6", "tcp", "tcp6")) {
            String transport = table.substring(0, 3);
            text(PROC.resolve("net").resolve(table))
                    .ifPresent(
                            text ->
                                    text.lines()
                                            .skip(1)
                                            .forEach(line -> add(byInode, transport, line, ports)));
        }
        return byInode.isEmpty() ? List.of() : withOwners(byInode);
    }

    // "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …", ports in hex
    private static void add(
            Map<String, Listener> byInode, String transport, String line, List<Integer> ports) {
        String[] fields = line.strip().split("\\s+");
        int port = Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16);
        boolean listens = transport.equals("udp") || fields[3].equals(TCP_LISTENING);
        if (listens && ports.contains(port)) {
            byInode.put(fields[9], new Listener(transport, port, Long.parseLong(fields[9]), 0, ""));
        }
    }

    private List<Listener> withOwners(Map<String, Listener> byInode) {
        List<Listener> found = new ArrayList<>();
        for (Path process : entries(PROC, "[0-9]*")) {
            for (Path descriptor : entries(process.resolve("fd"), "*")) {
                String inode = socket(descriptor);
                Listener one = byInode.get(inode);
                if (one != null) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    String command = text(process.resolve("comm")).orElse("");
                    found.add(
                            new Listener(one.transport(), one.port(), one.socket(), pid, command));
                }
            }
        }
        byInode.values().stream()
                .filter(one -> found.stream().noneMatch(seen -> seen.socket() == one.socket()))
                .forEach(found::add);
        return found;
    }

    private static String socket(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:[") ? target.substring(8, target.length() - 1) : "";
        } catch (IOException e) {
            return ""; // it was closed meanwhile
        }
    }

    private static List<Path> entries(Path directory, String pattern) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
            entries.forEach(found::add);
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return found; // another user's process, or one that has ended
        }
        return found;
    }
}
