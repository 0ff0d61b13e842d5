package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;
import io.narwhal.base.SharedPage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A disk in memory that stops before its n-th change, and then shows what a kill or a power cut
 * leaves: names that were not forced are gone, and so are bytes that were not. The directory /data
 * is there from the beginning, as a node's data directory is.
 */
final class CutDisk implements Disk {
    /** Stands for the death of the process. */
    static final class Cut extends RuntimeException {}

    private static final class Content {
        byte[] written = {};
        byte[] forced = {};
    }

    private Map<Path, Content> live = new HashMap<>();
    private Map<Path, Content> durable = new HashMap<>();
    private Set<Path> directories = new HashSet<>(List.of(Path.of("/"), Path.of("/data")));
    private Set<Path> durableDirectories = new HashSet<>(directories);
    private int changesLeft = Integer.MAX_VALUE;
    private int changes;
    private boolean full;

    /** Dies instead of making the change after this many. */
    void cutAfter(int changes) {
        changesLeft = changes;
    }

    void fill(boolean isFull) {
        full = isFull;
    }

    int changes() {
        return changes;
    }

    /** The process died, the machine did not. */
    void restartProcess() {
        changesLeft = Integer.MAX_VALUE;
    }

    /** The machine lost its power: only what was forced is there. */
    void losePower() {
        changesLeft = Integer.MAX_VALUE;
        directories = new HashSet<>();
        durableDirectories.stream().filter(this::isReachable).forEach(directories::add);
        durableDirectories = new HashSet<>(directories);
        durable.keySet().removeIf(path -> !directories.contains(path.getParent()));
        durable.values().forEach(content -> content.written = content.forced);
        live = new HashMap<>(durable);
    }

    private boolean isReachable(Path directory) {
        return directory == null
                || durableDirectories.contains(directory) && isReachable(directory.getParent());
    }

    private void change() {
        if (changesLeft == 0) {
            throw new Cut();
        }
        changesLeft--;
        changes++;
    }

    byte[] bytes(Path file) {
        return content(file).written;
    }

    private Content content(Path file) {
        Content content = live.get(file);
        if (content == null) {
            throw new DiskFailure("cannot open", file, null);
        }
        return content;
    }

    @Override
    public DiskFile open(Path file, Mode mode) {
        if (mode == Mode.READ) {
            return new OpenFile(file, content(file));
        }
        change();
        if (mode != Mode.REPLACE || !directories.contains(file.getParent())) {
            throw new DiskFailure("cannot open", file, null);
        }
        Content content = live.computeIfAbsent(file, _ -> new Content());
        content.written = new byte[0];
        return new OpenFile(file, content);
    }

    @Override
    public boolean exists(Path path) {
        return live.containsKey(path) || directories.contains(path);
    }

    @Override
    public List<String> list(Path directory) {
        Set<Path> all = new HashSet<>(live.keySet());
        all.addAll(directories);
        return all.stream()
                .filter(path -> directory.equals(path.getParent()))
                .map(path -> path.getFileName().toString())
                .sorted()
                .toList();
    }

    @Override
    public void createDirectories(Path directory) {
        if (directories.contains(directory)) {
            return;
        }
        createDirectories(directory.getParent());
        change();
        directories.add(directory);
        forceDirectory(directory.getParent());
    }

    @Override
    public void rename(Path from, Path to) {
        change();
        live.put(to, content(from));
        live.remove(from);
    }

    @Override
    public void delete(Path file) {
        change();
        live.remove(file);
    }

    @Override
    public void forceDirectory(Path directory) {
        change();
        durable.keySet().removeIf(path -> directory.equals(path.getParent()));
        live.forEach(
                (path, content) -> {
                    if (directory.equals(path.getParent())) {
                        durable.put(path, content);
                    }
                });
        directories.stream()
                .filter(path -> directory.equals(path.getParent()))
                .forEach(durableDirectories::add);
    }

    @Override
    public SharedPage page(Path file, int sizeBytes) {
        throw new UnsupportedOperationException();
    }

    private final class OpenFile implements DiskFile {
        private final Path path;
        private final Content content;

        OpenFile(Path path, Content content) {
            this.path = path;
            this.content = content;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            int count = (int) Math.min(into.remaining(), content.written.length - position);
            into.put(content.written, (int) position, count);
            return count;
        }

        @Override
        public void write(ByteBuffer from, long position) {
            // Half of the bytes come before the cut, so that a torn file is seen too.
            int half = from.remaining() / 2;
            put(from, position, half);
            put(from, position + half, from.remaining());
        }

        private void put(ByteBuffer from, long position, int count) {
            change();
            if (full) {
                throw new DiskFull("cannot write", path, null);
            }
            int end = (int) position + count;
            content.written = Arrays.copyOf(content.written, Math.max(end, content.written.length));
            from.get(content.written, (int) position, count);
        }

        @Override
        public void force() {
            change();
            content.forced = content.written.clone();
        }

        @Override
        public void truncate(long sizeBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size() {
            return content.written.length;
        }

        @Override
        public void close() {}
    }

    /** Every file there is. */
    List<Path> files() {
        List<Path> files = new ArrayList<>(live.keySet());
        files.sort(null);
        return files;
    }
}
