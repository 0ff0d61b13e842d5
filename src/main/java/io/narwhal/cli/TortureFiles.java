package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What a torture has in its directory, beside the data of its node.
 *
 * @param directory where it all is
 */
record TortureFiles(Path directory) {
    static final String SECRET = "a secret for torture";

    private static final String SECRET_FILE = "radius.secret";

    /**
     * Where the node listens.
     *
     * @param streams 0: not at all, as this machine has no IPv6
     */
    record Ports(int flows, int streams, int requests) {}

    /** The configuration of the node. */
    Path configuration() {
        return directory.resolve(ConfigOption.FILE_NAME);
    }

    /** The page by which the node's clock is stepped. */
    Path clock() {
        return directory.resolve("clock");
    }

    /** What was done when. */
    Path log() {
        return directory.resolve("torture.log");
    }

    /** The node's own; a file system of its own when the disk is to be filled. */
    Path data() {
        return directory.resolve("data");
    }

    /** What takes the room on a disk that is full. */
    Path ballast() {
        return data().resolve("ballast");
    }

    void write(Disk disk, Ports ports) {
        disk.createDirectories(directory);
        SmallFile.replace(disk, directory, SECRET_FILE, bytes(SECRET + "\n"));
        SmallFile.replace(
                disk,
                directory,
                ConfigOption.FILE_NAME,
                bytes(configuration(ports, directory.getFileName())));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // Small segments, so that there are many, and short bins, so that rows are written all the
    // time.
    private static String configuration(Ports ports, Path name) {
        return """
        # What narwhal torture ran in %s
        node: torture
        data: ./data
        hang-after: %dms
        collectors:
          flows: { protocol: netflow, listen: "127.0.0.1:%d", receive-buffer: 32MiB }
        %s  acct:
            protocol: radius
            listen: "127.0.0.1:%d"
            clients: [ { address: 127.0.0.0/8, secret-file: ./%s } ]
        usage:
          by-pair:     { keys: [src_addr, dst_addr], bin: 10s, close-after: 5s }
          by-exporter: { keys: [exporter, domain], bin: 10s, close-after: 5s }
          by-session:  { keys: [session_id, direction], bin: 1m, close-after: 1m }
        outputs:
          ledger: { type: parquet }
        journals:
          received: { segment: 16MiB, compress: zstd }
          usage: { segment: 16MiB }
        memory: { accounting: 512MiB }
        """
                .formatted(
                        name,
                        TorturePlan.HANG_AFTER_MS,
                        ports.flows(),
                        ports.streams() == 0 ? "" : streams(ports.streams()),
                        ports.requests(),
                        SECRET_FILE);
    }

    private static String streams(int port) {
        return "  streams: { protocol: ipfix, transport: tcp, listen: \"[::1]:" + port + "\" }\n";
    }
}
