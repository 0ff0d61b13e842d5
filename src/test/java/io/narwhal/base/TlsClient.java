package io.narwhal.base;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Connections by TLS as devices open them, with the certificates for tests. */
public final class TlsClient {
    private static final Path TLS = Path.of("src/test/resources/tls");

    private TlsClient() {}

    /**
     * Connects to a port of this machine. Whether the other side trusts us shows when we read.
     *
     * @param name of the certificate that we show; empty: none
     * @param ca whom we trust
     */
    public static Socket connect(String name, String ca, int port) throws IOException {
        byte[] certificate = name.isEmpty() ? null : Files.readAllBytes(TLS.resolve(name + ".pem"));
        byte[] key = name.isEmpty() ? null : Files.readAllBytes(TLS.resolve(name + ".key"));
        return switch (Tls.read(certificate, key, Files.readAllBytes(TLS.resolve(ca)))) {
            case Tls.Read.Good(Tls tls) ->
                    tls.context().getSocketFactory().createSocket("127.0.0.1", port);
            case Tls.Read.Bad(Tls.Part part, String reason) ->
                    throw new AssertionError(part + ": " + reason);
        };
    }
}
