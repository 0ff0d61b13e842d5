package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The name of this host, as a node's name. Asked of the kernel's file, not of the resolver: a host
 * whose name server is down must still start.
 */
final class HostName {
    /** Where the host has no name that could be used. */
    static final String NAMELESS = "node";

    private static final Path KERNEL_FILE = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    static String of(Disk disk) {
        try (var file = disk.open(KERNEL_FILE, Disk.Mode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(256);
            file.read(bytes, 0);
            return asName(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        } catch (DiskFailure _) {
            // Not Linux: shells and Windows tell the name this way.
            String hostName = System.getenv("HOSTNAME");
            String computerName = System.getenv("COMPUTERNAME");
            return asName(
                    hostName != null ? hostName : computerName != null ? computerName : NAMELESS);
        }
    }

    /** The first label in lower case, what no name may hold replaced by '-'. */
    static String asName(String hostName) {
        String label = hostName.strip().replaceFirst("\\..*", "").toLowerCase(Locale.ROOT);
        String name = label.replaceAll("[^a-z0-9-]", "-").replaceFirst("^-+", "");
        return name.isEmpty() ? NAMELESS : name.substring(0, Math.min(63, name.length()));
    }
}
