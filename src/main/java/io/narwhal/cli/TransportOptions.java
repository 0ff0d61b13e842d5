package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.base.Tls;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** By which way generated traffic goes. */
final class TransportOptions {
    /** The ways. */
    enum Way {
        udp,
        tcp,
        tls
    }

    @Option(
            names = "--transport",
            paramLabel = "T",
            defaultValue = "udp",
            description =
                    "udp; or IPFIX alone by tcp or tls, with one connection for each exporter: it"
                            + " goes no faster than the collector takes it. Default"
                            + " ${DEFAULT-VALUE}.")
    private Way way = Way.udp;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "With tls: the authorities to trust, as PEM. Default: those of Java.")
    private @Nullable Path ca;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "With tls: the certificate to show, as PEM. Default none.")
    private @Nullable Path certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "With tls: the certificate's key, as PEM (PKCS #8, not encrypted).")
    private @Nullable Path key;

    /** What the exporters speak: what was asked for, or what can go this way. */
    Stream<String> protocols(CommandLine command, List<String> asked) {
        boolean chosen = command.getParseResult().hasMatchedOption("--protocols");
        return way == Way.udp || chosen ? asked.stream() : Stream.of("ipfix");
    }

    /**
     * Opens the source.
     *
     * @throws IllegalArgumentException when an option or one of the files cannot be
     */
    TrafficSource open(TrafficPlan plan, Clock clock) {
        if (way != Way.tls && (ca != null || certificate != null || key != null)) {
            throw new IllegalArgumentException(
                    "--ca, --certificate and --key mean something with --transport tls only");
        }
        return switch (way) {
            case udp -> TrafficSource.open(plan, clock);
            case tcp -> TrafficSource.connect(plan, null, clock);
            case tls -> TrafficSource.connect(plan, tls(), clock);
        };
    }

    private Tls tls() {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--certificate and --key go together");
        }
        return switch (Tls.read(bytes(certificate), bytes(key), bytes(ca))) {
            case Tls.Read.Good(Tls good) -> good;
            case Tls.Read.Bad(Tls.Part part, String reason) ->
                    throw new IllegalArgumentException(
                            "the file of --" + part.name().toLowerCase(Locale.ROOT) + " " + reason);
        };
    }

    private static byte @Nullable [] bytes(@Nullable Path file) {
        return file == null ? null : SmallFile.read(Disk.system(), file);
    }
}
