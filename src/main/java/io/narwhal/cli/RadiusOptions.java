package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.Secret;
import io.narwhal.generate.RadiusPlan;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** What access servers report when RADIUS is generated. */
final class RadiusOptions {
    /** What goes in the place of {@code --protocols}. */
    static final String PROTOCOL = "radius";

    /** All options here. */
    static final Set<String> NAMES =
            Set.of(
                    "--secret-file",
                    "--sessions",
                    "--interims",
                    "--interval",
                    "--nas",
                    "--subscribers",
                    "--outstanding",
                    "--timeout",
                    "--retries",
                    "--retransmit",
                    "--delay",
                    "--no-gigawords",
                    "--message-authenticator");

    /** What becomes of Acct-Delay-Time when a request is sent again. */
    enum Delay {
        changes,
        stays,
        mixed
    }

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "radius: the file of the secret shared with the server. Required.")
    private @Nullable Path secretFile;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "radius: sessions to report in all. Default 1000, or by --duration.")
    private @Nullable Integer sessions;

    @Option(
            names = "--interims",
            paramLabel = "N",
            defaultValue = "4",
            description = "radius: interim updates of each session. Default ${DEFAULT-VALUE}.")
    private int interims;

    @Option(
            names = "--interval",
            paramLabel = "T",
            defaultValue = "5m",
            description =
                    "radius: from report to report, in the time that reports tell. Default"
                            + " ${DEFAULT-VALUE}.")
    private String interval = "5m";

    @Option(
            names = "--nas",
            paramLabel = "N",
            defaultValue = "4",
            description = "radius: how many access servers, up to 200. Default ${DEFAULT-VALUE}.")
    private int nas;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "10000",
            description = "radius: who have the sessions, in turn. Default ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
            names = "--outstanding",
            paramLabel = "N",
            defaultValue = "64",
            description =
                    "radius: sessions reported at once, each with one request on its way. Default"
                            + " ${DEFAULT-VALUE}.")
    private int outstanding;

    @Option(
            names = "--timeout",
            paramLabel = "T",
            defaultValue = "1s",
            description =
                    "radius: a request without an answer is sent again after so long. Default"
                            + " ${DEFAULT-VALUE}.")
    private String timeout = "1s";

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "radius: give a request up after so many. Default: never.")
    private @Nullable Integer retries;

    @Option(
            names = "--retransmit",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description =
                    "radius: so many of the answered requests are sent again all the same. Default"
                            + " ${DEFAULT-VALUE}.")
    private int retransmit;

    @Option(
            names = "--delay",
            paramLabel = "D",
            defaultValue = "mixed",
            description =
                    "radius: what is sent again has a greater Acct-Delay-Time, a new identifier and"
                            + " authenticator (changes), is the same packet (stays), or either"
                            + " (mixed). Default ${DEFAULT-VALUE}.")
    private Delay delay = Delay.mixed;

    @Option(names = "--no-gigawords", description = "radius: counters have 32 bits and wrap.")
    private boolean noGigawords;

    @Option(names = "--message-authenticator", description = "radius: requests carry one.")
    private boolean messageAuthenticator;

    /**
     * The plan, as far as these options say it.
     *
     * @throws IllegalArgumentException when one cannot be
     */
    RadiusPlan.Builder plan(InetSocketAddress target, long durationMs) {
        RadiusPlan.Builder builder =
                RadiusPlan.to(target)
                        .durationMs(durationMs)
                        .interims(interims)
                        .intervalMs(DurationText.ms("--interval", interval))
                        .nas(nas)
                        .subscribers(subscribers)
                        .outstanding(outstanding)
                        .timeoutMs(DurationText.ms("--timeout", timeout))
                        .duplicatePercent(retransmit)
                        .delay(RadiusPlan.Delay.valueOf(delay.name().toUpperCase(Locale.ROOT)))
                        .gigawords(!noGigawords)
                        .messageAuthenticator(messageAuthenticator);
        if (sessions != null) {
            builder.sessions(sessions);
        } else if (durationMs > 0) {
            builder.sessions(0);
        }
        if (retries != null) {
            builder.retries(retries);
        }
        return builder;
    }

    /**
     * The secret, without the end of its line.
     *
     * @throws IllegalArgumentException when no file is named, or it holds none
     */
    byte[] secret() {
        if (secretFile == null) {
            throw new IllegalArgumentException(
                    "--secret-file is missing: a file with the secret that is shared with the"
                            + " server");
        }
        return switch (Secret.read(Disk.system(), secretFile)) {
            case Secret.Good good -> good.bytes();
            case Secret.Bad(String reason) ->
                    throw new IllegalArgumentException("--secret-file: " + reason);
        };
    }
}
