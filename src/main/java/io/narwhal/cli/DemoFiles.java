package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The demo's configuration and its customers, as a user would write them. */
final class DemoFiles {
    /** Who the sources of the generated traffic belong to. */
    static final List<String> CUSTOMERS =
            List.of(
                    "Harbour Office",
                    "Northern Bakery",
                    "Lindqvist Shipping",
                    "University Library",
                    "Aurora Hosting",
                    "Town Hall",
                    "Fjord Energy",
                    "Polar Institute",
                    "Seaside Hotel",
                    "Granite Works",
                    "Radio Arctic",
                    "Smith, Ann");

    /** The generator has each source in a /24 or /48 of its own, counted from 0. */
    private static final int NETWORKS = 256;

    private DemoFiles() {}

    static void write(Disk disk, Path directory, int port) {
        disk.createDirectories(directory);
        SmallFile.replace(disk, directory, ConfigOption.FILE_NAME, bytes(configuration(port)));
        SmallFile.replace(disk, directory, "customers.csv", bytes(customers()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String configuration(int port) {
        return """
        node: demo
        data: ./data
        collectors:
          flows: { protocol: netflow, listen: "127.0.0.1:%d" }
        enhance:
          customers: { table: ./customers.csv }
        usage:
          by-pair:     { keys: [src_addr, dst_addr], bin: 10s, close-after: 5s }
          by-customer: { keys: [customer], bin: 10s, close-after: 5s }
        outputs:
          ledger: { type: parquet }
        """
                .formatted(port);
    }

    private static String customers() {
        var text = new StringBuilder("prefix,customer\n");
        for (int i = 0; i < NETWORKS; i++) {
            String customer = CUSTOMERS.get(i % CUSTOMERS.size());
            String cell = customer.contains(",") ? '"' + customer + '"' : customer;
            text.append("10.0.").append(i).append(".0/24,").append(cell).append('\n');
            text.append("2001:db8:").append(Integer.toHexString(i)).append("::/48,");
            text.append(cell).append('\n');
        }
        return text.toString();
    }

    /** Deletes a directory that the demo made, with all that is in it. */
    static void remove(Disk disk, Path path) {
        disk.list(path).forEach(name -> remove(disk, path.resolve(name)));
        disk.delete(path);
    }
}
