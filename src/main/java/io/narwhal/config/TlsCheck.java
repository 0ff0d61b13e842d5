package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Tls;
import io.narwhal.config.Section.Placed;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;

/** The transport of a collector, and what TLS needs. */
final class TlsCheck {
    private final Disk disk;
    private final Problems problems;
    private final BiFunction<Section, Key, Optional<Placed<Path>>> path;

    TlsCheck(Disk disk, Problems problems, BiFunction<Section, Key, Optional<Placed<Path>>> path) {
        this.disk = disk;
        this.problems = problems;
        this.path = path;
    }

    /** What keys of a collector do not go together. */
    void transport(Section collector, CollectorConfig.Protocol protocol, String transport) {
        if (!transport.equals("udp") && protocol == CollectorConfig.Protocol.SFLOW) {
            problems.error(
                    collector.placeOf(Key.COLLECTOR_TRANSPORT),
                    "sFlow comes by UDP alone; remove 'transport: %s' or say protocol: ipfix",
                    transport);
        }
        if (transport.equals("udp") && collector.has(Key.COLLECTOR_SESSIONS)) {
            problems.warn(
                    collector.placeOf(Key.COLLECTOR_SESSIONS),
                    "'sessions' has no effect with transport: udp");
        }
        if (!transport.equals("udp") && collector.has(Key.COLLECTOR_SOCKETS)) {
            problems.warn(
                    collector.placeOf(Key.COLLECTOR_SOCKETS),
                    "'sockets' has no effect with transport: %s, where one socket listens at each"
                            + " address",
                    transport);
        }
        boolean tls = transport.equals("tls");
        if (!tls && collector.has(Key.COLLECTOR_TLS)) {
            problems.error(
                    collector.placeOf(Key.COLLECTOR_TLS),
                    "'tls' means nothing with transport: %s; remove it, or say transport: tls",
                    transport);
        }
        if (tls && !collector.has(Key.COLLECTOR_TLS)) {
            problems.error(
                    collector.placeOf(Key.COLLECTOR_TRANSPORT),
                    "transport: tls needs a certificate; add tls: %s",
                    Key.COLLECTOR_TLS.example());
        }
    }

    /** The files, read and tried; null when they cannot be used, which was reported. */
    @Nullable TlsConfig files(Section section) {
        boolean requireClient = section.choice(Key.COLLECTOR_TLS_REQUIRE_CLIENT).equals("true");
        Optional<Placed<Path>> certificate = path.apply(section, Key.COLLECTOR_TLS_CERTIFICATE);
        Optional<Placed<Path>> key = path.apply(section, Key.COLLECTOR_TLS_KEY);
        Optional<Placed<Path>> ca =
                section.has(Key.COLLECTOR_TLS_CA)
                        ? path.apply(section, Key.COLLECTOR_TLS_CA)
                        : Optional.empty();
        if (requireClient && !section.has(Key.COLLECTOR_TLS_CA)) {
            problems.error(
                    section.at(),
                    "tls has no 'ca', so no exporter's certificate could be accepted; add ca: %s,"
                            + " or say require-client: false",
                    Key.COLLECTOR_TLS_CA.example());
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            return null;
        }
        var config =
                new TlsConfig(
                        certificate.get().value(),
                        key.get().value(),
                        ca.map(Placed::value).orElse(null),
                        requireClient);
        check(config, certificate.get(), key.get(), ca.orElse(certificate.get()));
        return config;
    }

    private void check(
            TlsConfig config, Placed<Path> certificate, Placed<Path> key, Placed<Path> ca) {
        try {
            switch (config.read(disk)) {
                case Tls.Read.Good _ -> {}
                case Tls.Read.Bad(Tls.Part part, String reason) -> {
                    Placed<Path> file =
                            switch (part) {
                                case CERTIFICATE -> certificate;
                                case KEY -> key;
                                case CA, REVOKED -> ca;
                            };
                    problems.error(file.at(), "%s %s", file.value(), reason);
                }
            }
        } catch (DiskFailure e) {
            Placed<Path> file =
                    e.path().equals(key.value())
                            ? key
                            : e.path().equals(certificate.value()) ? certificate : ca;
            problems.error(
                    file.at(),
                    "%s; mend the path or make the file readable",
                    String.valueOf(e.getMessage()));
        }
    }
}
