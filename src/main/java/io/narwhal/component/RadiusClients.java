package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.config.ClientConfig;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Secret;
import io.narwhal.radius.Client;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The clients of a collector of RADIUS accounting, with what the files of their secrets hold. */
final class RadiusClients {
    /** What RFC 6614 §2.3 gives to everybody, as TLS has shown who it is. */
    private static final String RADSEC = "radsec";

    private RadiusClients() {}

    /**
     * Reads the secrets.
     *
     * @throws IllegalStateException when a file cannot be used; the message says which and why
     */
    static List<Client> read(Disk disk, CollectorConfig config) {
        List<Client> clients = new ArrayList<>();
        for (ClientConfig client : Objects.requireNonNull(config.radius()).clients()) {
            byte[] secret = secret(disk, config, client);
            var address = client.address();
            clients.add(
                    new Client(
                            address.text(), address.high(), address.low(), address.bits(), secret));
        }
        return clients;
    }

    private static byte[] secret(Disk disk, CollectorConfig config, ClientConfig client) {
        Path file = client.secretFile();
        if (file == null) {
            return RADSEC.getBytes(StandardCharsets.US_ASCII);
        }
        return switch (Secret.read(disk, file)) {
            case Secret.Good(byte[] bytes) -> bytes;
            case Secret.Bad(String reason) ->
                    throw new IllegalStateException(
                            "collectors."
                                    + config.name()
                                    + ".clients, "
                                    + client.address().text()
                                    + ": "
                                    + reason);
        };
    }
}
