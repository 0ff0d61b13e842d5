package io.narwhal.cli;

import io.narwhal.component.Losses;
import io.narwhal.inspect.Audit;
import io.narwhal.wire.CopiesReport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the audit says of agents, where there are any. */
final class AuditOfAgents {
    private AuditOfAgents() {}

    /** Each journal of an agent with what it lost, and each exporter that several of them have. */
    static void print(Console console, Audit audit) throws IOException {
        if (audit.agents().isEmpty()) {
            return;
        }
        console.out().write("\n");
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("via"),
                        Column.number("datagrams"),
                        Column.number("kernel dropped"),
                        Column.number("damaged bytes"))) {
            for (Audit.Agent one : audit.agents()) {
                rows.row(
                        one.via(),
                        one.losses().datagrams(),
                        one.losses().kernelDropped(),
                        one.losses().damagedBytes());
            }
        }
        if (!audit.shared().isEmpty()) {
            console.out().write("\n");
            printShared(console, audit);
        }
    }

    private static void printShared(Console console, Audit audit) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("exporter of several"),
                        Column.number("domain"),
                        Column.text("missing by path"),
                        Column.number("copies"),
                        Column.number("forgotten"),
                        Column.number("not compared"),
                        Column.text("via"))) {
            for (Audit.Shared one : audit.shared()) {
                CopiesReport report = one.report();
                rows.row(
                        report.exporter(),
                        report.domain(),
                        missing(audit, one),
                        report.copies(),
                        report.forgotten(),
                        report.uncompared(),
                        String.join(", ", one.via()));
            }
        }
    }

    private static String missing(Audit audit, Audit.Shared shared) {
        var all = new StringBuilder();
        for (String via : shared.via()) {
            long missing =
                    audit.exporters().stream()
                            .filter(one -> one.via().equals(via) && isOf(one, shared))
                            .mapToLong(one -> one.report().missing())
                            .sum();
            all.append(all.isEmpty() ? "" : " + ").append(missing);
        }
        return all.toString();
    }

    private static boolean isOf(Audit.Exporter one, Audit.Shared shared) {
        return one.report().exporter().equals(shared.report().exporter())
                && one.report().protocol() == shared.report().protocol()
                && one.report().domain() == shared.report().domain();
    }

    /** By which agent an exporter came, and what of it others had supplied. */
    static void put(Map<String, @Nullable Object> json, Audit.Exporter exporter) {
        if (!exporter.via().isEmpty()) {
            json.put("via", exporter.via());
            json.put("copies", exporter.report().copies());
        }
    }

    /** The agents, and what several of them have. */
    static void put(Map<String, @Nullable Object> json, Audit audit) {
        if (!audit.agents().isEmpty()) {
            json.put("agents", audit.agents().stream().map(AuditOfAgents::json).toList());
            json.put("shared", audit.shared().stream().map(AuditOfAgents::json).toList());
        }
    }

    private static Map<String, @Nullable Object> json(Audit.Agent agent) {
        Losses losses = agent.losses();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("via", agent.via());
        json.put("journalled", losses.datagramsJournalled());
        json.put("decoded", losses.datagrams());
        json.put("kernel_dropped", losses.kernelDropped());
        json.put("damaged_bytes", losses.damagedBytes());
        json.put("collector", agent.collector());
        return json;
    }

    private static Map<String, @Nullable Object> json(Audit.Shared shared) {
        CopiesReport report = shared.report();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("exporter", report.exporter());
        json.put("domain", report.domain());
        json.put("protocol", AuditCommand.label(report.protocol()));
        json.put("via", shared.via());
        json.put("copies", report.copies());
        json.put("remembered", report.remembered());
        json.put("forgotten", report.forgotten());
        json.put("not_compared", report.uncompared());
        json.put("first_not_compared", AuditCommand.time(report.fromMs() * 1_000));
        json.put("last_not_compared", AuditCommand.time(report.toMs() * 1_000));
        json.put("collector", shared.collector());
        return json;
    }
}
