package io.narwhal.base;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** {@link Disk} on the machine's file system. */
final class SystemDisk implements Disk {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    @Override
    public DiskFile open(Path file, Mode mode) {
        var options =
                switch (mode) {
                    case READ -> Set.of(StandardOpenOption.READ);
                    case WRITE -> Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
                    case CREATE ->
                            Set.of(
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE_NEW);
                    case REPLACE ->
                            Set.of(
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING);
                };
        if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
            // To open a pipe waits for its writer, and a device may never end.
            throw new DiskFailure(
                    "cannot open", file, new IOException("is a pipe or a device, and no file"));
        }
        try {
            return new SystemFile(file, FileChannel.open(file, options));
        } catch (IOException e) {
            throw failure("cannot open", file, e);
        }
    }

    @Override
    public DiskFile createPrivate(Path file) {
        var options =
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW);
        boolean hasOwners = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        try {
            var channel =
                    hasOwners
                            ? FileChannel.open(
                                    file, options, PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                            : FileChannel.open(file, options);
            return new SystemFile(file, channel);
        } catch (IOException e) {
            throw failure("cannot make", file, e);
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public List<String> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw failure("cannot list", directory, e);
        }
    }

    @Override
    public Optional<FileStamp> stamp(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile()
                    ? Optional.of(
                            new FileStamp(
                                    attributes.size(),
                                    attributes.lastModifiedTime().to(TimeUnit.MICROSECONDS)))
                    : Optional.empty();
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("cannot look at", file, e);
        }
    }

    @Override
    public void createDirectories(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            return;
        }
        Path parent = absolute.getParent();
        if (parent != null) {
            createDirectories(parent);
        }
        try {
            Files.createDirectory(absolute);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(absolute)) {
                throw failure("cannot make the directory", absolute, e);
            }
        } catch (IOException e) {
            throw failure("cannot make the directory", absolute, e);
        }
        if (parent != null) {
            forceDirectory(parent);
        }
    }

    @Override
    public void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure("cannot rename " + from + " to", to, e);
        }
    }

    @Override
    public void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure("cannot delete", file, e);
        }
    }

    @Override
    public void forceDirectory(Path directory) {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw failure("cannot force the directory", directory, e);
        }
    }

    @Override
    public long modifiedMs(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public SharedPage page(Path file, int sizeBytes) {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            if (channel.size() < sizeBytes) {
                // Written, not only extended: a hole in a mapped file on a full disk kills the
                // process.
                ByteBuffer zeros = ByteBuffer.allocate(sizeBytes - (int) channel.size());
                channel.write(zeros, channel.size());
            }
            Arena arena = Arena.ofShared();
            return new MappedPage(
                    arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, sizeBytes, arena));
        } catch (IOException e) {
            throw failure("cannot map", file, e);
        }
    }

    @Override
    public Optional<Room> room(Path directory) {
        try {
            FileStore store = Files.getFileStore(directory);
            return Optional.of(new Room(store.getUsableSpace(), store.getTotalSpace()));
        } catch (IOException e) {
            return Optional.empty(); // not there yet
        }
    }

    private static DiskFailure failure(String step, Path path, IOException e) {
        String message = String.valueOf(e.getMessage());
        boolean full =
                message.contains("No space left on device")
                        || message.contains("Disk quota exceeded")
                        || message.contains("not enough space");
        return full ? new DiskFull(step, path, e) : new DiskFailure(step, path, e);
    }

    private record SystemFile(Path path, FileChannel channel) implements DiskFile {
        @Override
        public int read(ByteBuffer into, long position) {
            int total = 0;
            try {
                while (into.hasRemaining()) {
                    int n = channel.read(into, position + total);
                    if (n < 0) {
                        return total;
                    }
                    total += n;
                }
                return total;
            } catch (IOException e) {
                throw failure("cannot read", path, e);
            }
        }

        @Override
        public void write(ByteBuffer from, long position) {
            long at = position;
            try {
                while (from.hasRemaining()) {
                    at += channel.write(from, at);
                }
            } catch (IOException e) {
                throw failure("cannot write", path, e);
            }
        }

        @Override
        public void force() {
            try {
                channel.force(false);
            } catch (IOException e) {
                throw failure("cannot force", path, e);
            }
        }

        @Override
        public void truncate(long sizeBytes) {
            try {
                channel.truncate(sizeBytes);
            } catch (IOException e) {
                throw failure("cannot truncate", path, e);
            }
        }

        @Override
        public long size() {
            try {
                return channel.size();
            } catch (IOException e) {
                throw failure("cannot ask for the size of", path, e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw failure("cannot close", path, e);
            }
        }
    }

    private record MappedPage(Arena arena, MemorySegment memory) implements SharedPage {
        private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

        @Override
        public long getLong(int offset) {
            return (long) LONG.getVolatile(memory, (long) offset);
        }

        @Override
        public void putLong(int offset, long value) {
            LONG.setVolatile(memory, (long) offset, value);
        }

        @Override
        public byte[] getBytes(int offset, int length) {
            byte[] bytes = new byte[length];
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
            VarHandle.acquireFence();
            return bytes;
        }

        @Override
        public void putBytes(int offset, byte[] bytes) {
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
            VarHandle.releaseFence();
        }

        @Override
        public int size() {
            return (int) memory.byteSize();
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
