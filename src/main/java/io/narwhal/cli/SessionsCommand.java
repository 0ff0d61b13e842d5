package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.SessionList;
import io.narwhal.record.Addresses;
import io.narwhal.session.Session;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code narwhal sessions}. */
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        description = {
            "List the RADIUS sessions that are known: open ones, and closed ones for as long as"
                    + " sessions.keep says.",
            "",
            "Counters are what the device told last: up is from the subscriber (Acct-Input-Octets),"
                    + " down to the subscriber (Acct-Output-Octets). State: open; stopped (a Stop"
                    + " came); nas-restarted (the device booted: the last interim is the estimate);"
                    + " replaced (its id was used anew without a Stop); expired (nothing was heard"
                    + " of it for sessions.expire)."
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal sessions --open",
            "  narwhal sessions --subscriber alice --format json",
            "  narwhal sessions --address 192.0.2.17 --at 2026-11-22T10:00:00Z"
        })
final class SessionsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    @ArgGroup private @Nullable Which which;

    /** Of these one at the most. */
    private static final class Which {
        @Option(names = "--open", description = "Only sessions that go on.")
        private boolean open;

        @Option(names = "--closed", description = "Only sessions that have ended.")
        private boolean closed;
    }

    @Option(
            names = "--subscriber",
            paramLabel = "NAME",
            description = "Only sessions of this subscriber.")
    private @Nullable String subscriber;

    @Option(names = "--nas", paramLabel = "NAME", description = "Only sessions of this device.")
    private @Nullable String nas;

    @Option(
            names = "--session",
            paramLabel = "ID",
            description = "Only sessions with this Acct-Session-Id.")
    private @Nullable String sessionId;

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            converter = AddressOption.class,
            description = "Only sessions that hold this address, or a prefix that has it.")
    private @Nullable InetAddress address;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only sessions that were open at this time (ISO-8601).")
    private @Nullable Instant at;

    @Mixin private FormatOption.OfRows printing = new FormatOption.OfRows();

    SessionsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        try (var rows =
                RowWriter.to(
                        console.out(),
                        printing.format,
                        Column.text("session_id"),
                        Column.text("subscriber"),
                        Column.text("nas"),
                        Column.text("client"),
                        Column.text("state"),
                        Column.text("start"),
                        Column.text("last"),
                        Column.text("end"),
                        Column.number("up_octets"),
                        Column.number("down_octets"),
                        Column.number("up_packets"),
                        Column.number("down_packets"),
                        Column.text("addresses"),
                        Column.number("terminate_cause"),
                        Column.text("collector"))) {
            for (SessionList.Entry entry : SessionList.of(config, Disk.system(), this::isWanted)) {
                row(rows, entry);
            }
        }
        return ExitCode.OK;
    }

    private boolean isWanted(Session session) {
        boolean isOpen = session.state() == Session.State.OPEN;
        return (which == null || (which.open ? isOpen : !isOpen))
                && (subscriber == null || session.subscriber().equals(subscriber))
                && (nas == null || session.nas().equals(nas))
                && (sessionId == null || session.sessionId().equals(sessionId))
                && (address == null || holds(session, address))
                && (at == null || wasOpen(session, at.toEpochMilli()));
    }

    private static boolean holds(Session session, InetAddress address) {
        long high = Addresses.high(address);
        long low = Addresses.low(address);
        return session.addresses().stream().anyMatch(held -> held.covers(high, low));
    }

    private static boolean wasOpen(Session session, long atMs) {
        return session.startMs() <= atMs && atMs < session.endMs();
    }

    private static void row(RowWriter rows, SessionList.Entry entry) throws IOException {
        Session session = entry.session();
        rows.row(
                session.sessionId(),
                session.subscriber(),
                session.nas(),
                Addresses.text(session.clientHigh(), session.clientLow()),
                session.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                Instant.ofEpochMilli(session.startMs()),
                Instant.ofEpochMilli(session.lastMs()),
                session.endMs() == Long.MAX_VALUE ? null : Instant.ofEpochMilli(session.endMs()),
                unsigned(session.inputOctets()),
                unsigned(session.outputOctets()),
                unsigned(session.inputPackets()),
                unsigned(session.outputPackets()),
                session.addresses().stream()
                        .map(Session.Held::text)
                        .collect(Collectors.joining(" ")),
                session.terminateCause() == 0 ? null : session.terminateCause(),
                entry.collector());
    }

    private static BigInteger unsigned(long counter) {
        return new BigInteger(Long.toUnsignedString(counter));
    }
}
