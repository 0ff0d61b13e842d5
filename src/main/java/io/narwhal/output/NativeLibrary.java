package io.narwhal.output;

import io.narwhal.base.Disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The driver's native library, unpacked once per version into a directory that outlives the
 * process. The name carries the checksum of the content, so that another version is another file
 * and several processes may unpack at once.
 */
final class NativeLibrary {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final String SUFFIX = ".so";
    private static final String TEMPORARY_SUFFIX = ".tmp";

    private NativeLibrary() {}

    /** The name under which the driver's jar holds the library for this machine. */
    static String resourceName() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String arch = machine.equals("aarch64") || machine.equals("arm64") ? "arm64" : "amd64";
        return "libduckdb_java.so_" + (system.startsWith("linux") ? "linux_" + arch : system);
    }

    /**
     * The library as a file in the directory.
     *
     * @param resource the library in the driver's jar
     */
    static Path unpacked(Disk disk, Path directory, URL resource) {
        try {
            var connection = resource.openConnection();
            connection.setUseCaches(false); // or the jar stays open for ever
            try (var in = connection.getInputStream()) {
                Path library = directory.resolve(name(connection));
                if (!disk.exists(library)) {
                    disk.createDirectories(directory);
                    removeLeftovers(disk, directory);
                    unpack(disk, in, library);
                    disk.forceDirectory(directory);
                }
                return library;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resource + ": is the jar whole?", e);
        }
    }

    private static String name(URLConnection connection) throws IOException {
        String content = "";
        if (connection instanceof JarURLConnection jar) {
            content = "-" + HexFormat.of().toHexDigits((int) jar.getJarEntry().getCrc());
        }
        return "duckdb-" + connection.getContentLengthLong() + content + SUFFIX;
    }

    private static void unpack(Disk disk, InputStream in, Path library) throws IOException {
        // Two processes that unpack at once must not write into one file.
        Path temporary =
                library.resolveSibling(
                        library.getFileName()
                                + "."
                                + ProcessHandle.current().pid()
                                + TEMPORARY_SUFFIX);
        try (var file = disk.open(temporary, Disk.Mode.REPLACE)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            long at = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                file.write(ByteBuffer.wrap(chunk, 0, read), at);
                at += read;
            }
            file.force();
        }
        disk.rename(temporary, library);
    }

    private static void removeLeftovers(Disk disk, Path directory) {
        for (String name : disk.list(directory)) {
            if (name.endsWith(TEMPORARY_SUFFIX) && !isAlive(name)) {
                disk.delete(directory.resolve(name));
            }
        }
    }

    private static boolean isAlive(String temporaryName) {
        String[] parts = temporaryName.split("\\.");
        try {
            return ProcessHandle.of(Long.parseLong(parts[parts.length - 2]))
                    .filter(ProcessHandle::isAlive)
                    .isPresent();
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
            return false;
        }
    }
}
