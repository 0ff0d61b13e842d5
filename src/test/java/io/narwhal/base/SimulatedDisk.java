package io.narwhal.base;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A disk in memory that forgets what a real one may forget.
 *
 * <p>Everything that changes it is an operation, numbered from 1: making directories and files,
 * writes, forces, truncations, renames, deletions, page puts. {@link #cutAt} stops the world at one
 * of them, after a part of it was done; {@link #afterKill} and {@link #afterPowerCut} give the disk
 * that the next process finds. The same seed and the same operations give the same disk.
 */
public final class SimulatedDisk implements Disk {
    /** What a power cut keeps or loses as a whole. */
    public static final int SECTOR_BYTES = 512;

    private static final class Inode {
        byte[] current = new byte[0];
        byte[] durable = new byte[0];
        long modifiedMicros;

        /** After a failed force the kernel calls the data clean: later forces do not save it. */
        boolean forceFailed;

        /** For pages: every value that each aligned 8 bytes had since the disk was made. */
        final Map<Integer, List<Long>> history = new TreeMap<>();

        Inode copy() {
            Inode copy = new Inode();
            copy.current = current.clone();
            copy.durable = durable.clone();
            copy.forceFailed = forceFailed;
            copy.modifiedMicros = modifiedMicros;
            history.forEach((at, values) -> copy.history.put(at, new ArrayList<>(values)));
            return copy;
        }
    }

    /** A change of names that no forced directory has made durable yet. */
    private sealed interface Change {
        Path directory();

        record Made(Path path, Inode inode) implements Change {
            @Override
            public Path directory() {
                return path.getParent();
            }
        }

        record Renamed(Path from, Path to) implements Change {
            @Override
            public Path directory() {
                return to.getParent();
            }
        }

        record Deleted(Path path) implements Change {
            @Override
            public Path directory() {
                return path.getParent();
            }
        }
    }

    private final Random random;
    private final TreeSet<Path> directories = new TreeSet<>();
    private final Map<Path, Inode> files = new TreeMap<>();
    private final Map<Path, Inode> durableFiles = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private long operations;
    private long forces;
    private long cutAt = Long.MAX_VALUE;
    private long failForceAt = Long.MAX_VALUE;
    private long capacityBytes = Long.MAX_VALUE;
    private long fullAt = Long.MAX_VALUE;
    private boolean cut;

    /** An empty disk; the seed decides which part of the cut operation is done. */
    public SimulatedDisk(long seed) {
        random = new Random(seed);
    }

    // What a test says.

    /** Makes operation {@code n} (from 1) and all later ones throw {@link PowerCut}. */
    public synchronized void cutAt(long n) {
        cutAt = n;
    }

    /** Makes the {@code n}-th force from now on (file or directory, from 1) fail, once. */
    public synchronized void failForceAt(long n) {
        failForceAt = forces + n;
    }

    /** Lets all files together have this many bytes; what goes beyond gets {@link DiskFull}. */
    public synchronized void capacity(long bytes) {
        capacityBytes = bytes;
    }

    /** From operation {@code n} (from 1) on nothing may grow, until {@link #capacity} says so. */
    public synchronized void fullAt(long n) {
        fullAt = n;
    }

    /** Whether there is any {@link #capacity} now. */
    public synchronized boolean isLimited() {
        return capacityBytes < Long.MAX_VALUE;
    }

    private void fillIfAsked() {
        if (operations + 1 >= fullAt) {
            fullAt = Long.MAX_VALUE;
            capacityBytes = used();
        }
    }

    /** Operations done or begun so far. */
    public synchronized long operations() {
        return operations;
    }

    /** What each operation was, in order, for messages. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    /** Inverts the bits of one byte that is on the disk, durably. */
    public synchronized void flip(Path file, long at) {
        Inode inode = inode(file);
        inode.current[(int) at] ^= (byte) 0xff;
        if (at < inode.durable.length) {
            inode.durable[(int) at] = inode.current[(int) at];
        }
    }

    /** Cuts a file, durably. */
    public synchronized void shorten(Path file, long sizeBytes) {
        Inode inode = inode(file);
        inode.current = Arrays.copyOf(inode.current, (int) sizeBytes);
        inode.durable = inode.current.clone();
    }

    /** Makes a file disappear, durably. */
    public synchronized void lose(Path file) {
        files.remove(key(file));
        durableFiles.remove(key(file));
    }

    /** The bytes of a file as processes see them. */
    public synchronized byte[] bytes(Path file) {
        return inode(file).current.clone();
    }

    /** Puts a file there, durably, that was last changed when time began. */
    public synchronized void put(Path file, byte[] bytes) {
        put(file, bytes, 0);
    }

    /** Puts a file there, durably, that was last changed then. */
    public synchronized void put(Path file, byte[] bytes, long modifiedMicros) {
        Inode inode = new Inode();
        inode.modifiedMicros = modifiedMicros;
        inode.current = bytes.clone();
        inode.durable = bytes.clone();
        directories.add(key(file).getParent());
        files.put(key(file), inode);
        durableFiles.put(key(file), inode);
    }

    /** All files, sorted. */
    public synchronized List<Path> files() {
        return List.copyOf(files.keySet());
    }

    // What the next process finds.

    /** The disk that a killed process leaves: everything written is there, forced or not. */
    public synchronized SimulatedDisk afterKill() {
        SimulatedDisk next = new SimulatedDisk(random.nextLong());
        Map<Inode, Inode> copies = new IdentityHashMap<>();
        next.directories.addAll(directories);
        files.forEach((path, inode) -> next.files.put(path, copied(copies, inode)));
        durableFiles.forEach((path, inode) -> next.durableFiles.put(path, copied(copies, inode)));
        for (Change change : pending) {
            next.pending.add(
                    change instanceof Change.Made(var path, var inode)
                            ? new Change.Made(path, copied(copies, inode))
                            : change);
        }
        next.capacityBytes = capacityBytes;
        return next;
    }

    private static Inode copied(Map<Inode, Inode> copies, Inode inode) {
        Inode copy = copies.get(inode);
        if (copy == null) {
            copy = inode.copy();
            copies.put(inode, copy);
        }
        return copy;
    }

    /** The disk that a power cut leaves: what was not forced is there or not, as chance has it. */
    public synchronized SimulatedDisk afterPowerCut(Random chance) {
        SimulatedDisk next = new SimulatedDisk(chance.nextLong());
        next.directories.addAll(directories);
        Map<Path, Inode> names = new TreeMap<>(durableFiles);
        for (Change change : pending) {
            if (chance.nextBoolean()) {
                apply(change, names);
            }
        }
        Map<Inode, Inode> copies = new IdentityHashMap<>();
        names.forEach(
                (path, inode) -> {
                    Inode found = copies.get(inode);
                    if (found == null) {
                        found = found(inode, chance);
                        copies.put(inode, found);
                    }
                    next.files.put(path, found);
                    next.durableFiles.put(path, found);
                });
        next.capacityBytes = capacityBytes;
        return next;
    }

    private static void apply(Change change, Map<Path, Inode> names) {
        switch (change) {
            case Change.Made(var path, var inode) -> names.put(path, inode);
            case Change.Renamed(var from, var to) -> {
                Inode inode = names.remove(from);
                if (inode != null) {
                    names.put(to, inode);
                }
            }
            case Change.Deleted(var path) -> names.remove(path);
        }
    }

    private static Inode found(Inode inode, Random chance) {
        byte[] result = someSize(inode, chance);
        for (int at = 0; at < result.length; at += SECTOR_BYTES) {
            byte[] source = chance.nextBoolean() ? inode.current : inode.durable;
            for (int i = at; i < Math.min(at + SECTOR_BYTES, result.length); i++) {
                result[i] = i < source.length ? source[i] : 0;
            }
        }
        inode.history.forEach(
                (at, values) -> {
                    if (at + Long.BYTES <= result.length) {
                        set(result, at, values.get(chance.nextInt(values.size())));
                    }
                });
        Inode found = new Inode();
        found.current = result;
        found.durable = result.clone();
        found.modifiedMicros = inode.modifiedMicros;
        return found;
    }

    /** A size that grew unforced may be any between; one that shrank is the old or the new. */
    private static byte[] someSize(Inode inode, Random chance) {
        int was = inode.durable.length;
        int is = inode.current.length;
        if (is <= was) {
            return new byte[chance.nextBoolean() ? was : is];
        }
        return new byte
                [switch (chance.nextInt(3)) {
                    case 0 -> was;
                    case 1 -> is;
                    default -> was + chance.nextInt(is - was + 1);
                }];
    }

    // Disk.

    @Override
    public synchronized DiskFile open(Path file, Mode mode) {
        alive("open " + file);
        Inode inode = files.get(key(file));
        switch (mode) {
            case READ, WRITE -> {
                if (inode == null) {
                    throw new DiskFailure(
                            "cannot open", file, new NoSuchFileException(file.toString()));
                }
            }
            case CREATE -> {
                if (inode != null) {
                    throw new DiskFailure(
                            "cannot open", file, new FileAlreadyExistsException(file.toString()));
                }
                inode = made(file);
            }
            case REPLACE -> {
                if (inode == null) {
                    inode = made(file);
                } else {
                    Inode emptied = inode;
                    operation("empty " + file, () -> emptied.current = new byte[0]);
                }
            }
        }
        return new SimulatedFile(file, inode, mode == Mode.READ);
    }

    private Inode made(Path file) {
        if (!directories.contains(key(file).getParent())) {
            throw new DiskFailure("cannot open", file, new NoSuchFileException(file.toString()));
        }
        fillIfAsked();
        if (used() >= capacityBytes) {
            throw new DiskFull("cannot open", file, null);
        }
        Inode inode = new Inode();
        operation(
                "create " + file,
                () -> {
                    files.put(key(file), inode);
                    pending.add(new Change.Made(key(file), inode));
                });
        return inode;
    }

    @Override
    public synchronized boolean exists(Path path) {
        alive("exists " + path);
        return files.containsKey(key(path)) || directories.contains(key(path));
    }

    @Override
    public synchronized List<String> list(Path directory) {
        alive("list " + directory);
        List<String> names = new ArrayList<>();
        for (Path path : files.keySet()) {
            if (path.getParent().equals(key(directory))) {
                names.add(path.getFileName().toString());
            }
        }
        for (Path path : directories) {
            if (key(directory).equals(path.getParent())) {
                names.add(path.getFileName().toString());
            }
        }
        return names.stream().sorted().toList();
    }

    @Override
    public synchronized Optional<FileStamp> stamp(Path file) {
        alive("stamp " + file);
        Inode inode = files.get(key(file));
        return Optional.ofNullable(inode)
                .map(one -> new FileStamp(one.current.length, one.modifiedMicros));
    }

    @Override
    public synchronized void createDirectories(Path directory) {
        alive("create directory " + directory);
        if (!directories.contains(key(directory))) {
            operation(
                    "create directory " + directory,
                    () -> {
                        for (Path p = key(directory); p != null; p = p.getParent()) {
                            directories.add(p);
                        }
                    });
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        alive("rename " + from);
        if (!files.containsKey(key(from))) {
            throw new DiskFailure(
                    "cannot rename " + from + " to", to, new NoSuchFileException(from.toString()));
        }
        operation(
                "rename " + from + " to " + to,
                () -> change(new Change.Renamed(key(from), key(to))));
    }

    @Override
    public synchronized void delete(Path file) {
        alive("delete " + file);
        if (files.containsKey(key(file))) {
            operation("delete " + file, () -> change(new Change.Deleted(key(file))));
        }
    }

    private void change(Change change) {
        apply(change, files);
        pending.add(change);
    }

    @Override
    public synchronized void forceDirectory(Path directory) {
        alive("force directory " + directory);
        failIfAsked("cannot force the directory", directory, () -> {});
        operation(
                "force directory " + directory,
                () -> {
                    for (Change change : List.copyOf(pending)) {
                        if (change.directory().equals(key(directory))) {
                            apply(change, durableFiles);
                            pending.remove(change);
                        }
                    }
                });
    }

    @Override
    public synchronized SharedPage page(Path file, int sizeBytes) {
        alive("page " + file);
        Inode inode = files.get(key(file));
        if (inode == null) {
            inode = made(file);
        }
        Inode page = inode;
        if (page.current.length < sizeBytes) {
            room(file, sizeBytes - page.current.length);
            operation(
                    "extend page " + file,
                    () -> page.current = Arrays.copyOf(page.current, sizeBytes));
        }
        return new SimulatedPage(file, page, sizeBytes);
    }

    private long used() {
        return files.values().stream().mapToLong(inode -> inode.current.length).sum();
    }

    private void room(Path file, long moreBytes) {
        fillIfAsked();
        if (moreBytes > 0 && used() + moreBytes > capacityBytes) {
            throw new DiskFull(
                    "cannot write", file, new java.io.IOException("No space left on device"));
        }
    }

    private Inode inode(Path file) {
        Inode inode = files.get(key(file));
        Check.that(inode != null, "the test names a file that is there: %s", file);
        return inode;
    }

    private static Path key(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private void alive(String what) {
        if (cut) {
            throw new PowerCut(operations, what);
        }
    }

    /** Counts an operation that is done whole or not at all. */
    private void operation(String what, Runnable whole) {
        if (begins(what)) {
            whole.run();
            return;
        }
        if (random.nextBoolean()) {
            whole.run();
        }
        throw new PowerCut(operations, what);
    }

    /** Counts an operation; false when it is the one to be cut. */
    private boolean begins(String what) {
        alive(what);
        operations++;
        log.add(what);
        cut = operations >= cutAt;
        return !cut;
    }

    private void failIfAsked(String step, Path path, Runnable consequence) {
        forces++;
        if (forces == failForceAt) {
            consequence.run();
            throw new DiskFailure(step, path, new java.io.IOException("Input/output error"));
        }
    }

    private static void set(byte[] bytes, int at, long value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(at, value);
    }

    private final class SimulatedFile implements DiskFile {
        private final Path path;
        private final Inode inode;
        private final boolean readOnly;
        private boolean closed;

        SimulatedFile(Path path, Inode inode, boolean readOnly) {
            this.path = path;
            this.inode = inode;
            this.readOnly = readOnly;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            synchronized (SimulatedDisk.this) {
                usable("read " + path);
                int from = (int) Math.min(position, inode.current.length);
                int count = Math.min(into.remaining(), inode.current.length - from);
                into.put(inode.current, from, count);
                return count;
            }
        }

        @Override
        public void write(ByteBuffer from, long position) {
            synchronized (SimulatedDisk.this) {
                changes("write " + path);
                fillIfAsked();
                byte[] bytes = new byte[from.remaining()];
                from.duplicate().get(bytes);
                int at = (int) position;
                long room = capacityBytes - used() + inode.current.length - at;
                if (room < bytes.length && at + bytes.length > inode.current.length) {
                    partlyFull(bytes, at, (int) Math.max(0, room));
                }
                if (begins("write " + path + " " + bytes.length + " bytes at " + at)) {
                    put(bytes, 0, bytes.length, at);
                    from.position(from.limit());
                    return;
                }
                tear(bytes, at);
                throw new PowerCut(operations, "write " + path);
            }
        }

        private void partlyFull(byte[] bytes, int at, int room) {
            if (begins("write " + path + " on a full disk") || random.nextBoolean()) {
                put(bytes, 0, Math.min(room, bytes.length), at);
            }
            alive("write " + path);
            room(path, bytes.length);
            throw new DiskFull("cannot write", path, null);
        }

        /** Any prefix, or any subset of the sectors. */
        private void tear(byte[] bytes, int at) {
            if (random.nextBoolean()) {
                put(bytes, 0, random.nextInt(bytes.length + 1), at);
                return;
            }
            int end = at + bytes.length;
            for (int from = at; from < end; ) {
                int to = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
                if (random.nextBoolean()) {
                    put(bytes, from - at, to - from, from);
                }
                from = to;
            }
        }

        private void put(byte[] bytes, int from, int count, int at) {
            if (count > 0) {
                if (at + count > inode.current.length) {
                    inode.current = Arrays.copyOf(inode.current, at + count);
                }
                System.arraycopy(bytes, from, inode.current, at, count);
            }
        }

        @Override
        public void force() {
            synchronized (SimulatedDisk.this) {
                usable("force " + path);
                failIfAsked("cannot force", path, () -> inode.forceFailed = true);
                operation(
                        "force " + path,
                        () -> {
                            if (!inode.forceFailed) {
                                inode.durable = inode.current.clone();
                            }
                        });
            }
        }

        @Override
        public void truncate(long sizeBytes) {
            synchronized (SimulatedDisk.this) {
                changes("truncate " + path);
                if (sizeBytes < inode.current.length) {
                    operation(
                            "truncate " + path + " to " + sizeBytes,
                            () -> inode.current = Arrays.copyOf(inode.current, (int) sizeBytes));
                }
            }
        }

        @Override
        public long size() {
            synchronized (SimulatedDisk.this) {
                usable("size of " + path);
                return inode.current.length;
            }
        }

        @Override
        public void close() {
            closed = true;
        }

        private void usable(String what) {
            alive(what);
            Check.that(!closed, "%s is open", path);
        }

        private void changes(String what) {
            usable(what);
            Check.that(!readOnly, "%s was opened for writing", path);
        }
    }

    private final class SimulatedPage implements SharedPage {
        private final Path path;
        private final Inode inode;
        private final int sizeBytes;

        SimulatedPage(Path path, Inode inode, int sizeBytes) {
            this.path = path;
            this.inode = inode;
            this.sizeBytes = sizeBytes;
        }

        @Override
        public long getLong(int offset) {
            synchronized (SimulatedDisk.this) {
                alive("read page " + path);
                check(offset, Long.BYTES);
                return ByteBuffer.wrap(inode.current)
                        .order(ByteOrder.nativeOrder())
                        .getLong(offset);
            }
        }

        @Override
        public void putLong(int offset, long value) {
            synchronized (SimulatedDisk.this) {
                check(offset, Long.BYTES);
                Check.that(offset % Long.BYTES == 0, "a long's offset is a multiple of 8");
                operation("put page " + path, () -> put(offset, value));
            }
        }

        @Override
        public byte[] getBytes(int offset, int length) {
            synchronized (SimulatedDisk.this) {
                alive("read page " + path);
                check(offset, length);
                return Arrays.copyOfRange(inode.current, offset, offset + length);
            }
        }

        @Override
        public void putBytes(int offset, byte[] bytes) {
            synchronized (SimulatedDisk.this) {
                check(offset, bytes.length);
                boolean whole = begins("put page " + path);
                byte[] after = inode.current.clone();
                int count = whole ? bytes.length : random.nextInt(bytes.length + 1);
                System.arraycopy(bytes, 0, after, offset, count);
                for (int at = offset & -8; at + 8 <= sizeBytes && at < offset + count; at += 8) {
                    put(at, ByteBuffer.wrap(after).order(ByteOrder.nativeOrder()).getLong(at));
                }
                if (!whole) {
                    throw new PowerCut(operations, "put page " + path);
                }
            }
        }

        @Override
        public int size() {
            return sizeBytes;
        }

        @Override
        public void close() {}

        private void put(int offset, long value) {
            List<Long> values =
                    inode.history.computeIfAbsent(
                            offset, at -> new ArrayList<>(List.of(getLongOf(at))));
            if (values.getLast() != value) {
                values.add(value);
            }
            set(inode.current, offset, value);
        }

        private long getLongOf(int offset) {
            return ByteBuffer.wrap(inode.current).order(ByteOrder.nativeOrder()).getLong(offset);
        }

        private void check(int offset, int length) {
            Check.that(offset >= 0 && offset + length <= sizeBytes, "within the page");
        }
    }
}
