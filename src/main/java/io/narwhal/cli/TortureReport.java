package io.narwhal.cli;

import io.narwhal.cli.Fault.Kind;
import io.narwhal.generate.RadiusTruth;
import io.narwhal.generate.Truth;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a torture ended.
 *
 * @param status of the node before it was stopped
 * @param elapsedMs from the first traffic to the last fault
 */
record TortureReport(
        Torture.Settings settings,
        TortureFaults faults,
        TortureProof.Verdict verdict,
        TortureLoad.Truths truths,
        NodeStatus status,
        long elapsedMs) {
    private static final int SHOWN = 20;

    /** For people. */
    void print(Writer out) throws IOException {
        printCollectors(out);
        out.write("\n");
        printFaults(out);
        out.write("\n");
        printRestarts(out);
        out.write("\n");
        for (String line : faults.skipped()) {
            out.write(line + "\n");
        }
        for (String line : verdict.differences().stream().limit(SHOWN).toList()) {
            out.write("NOT EXACT: " + line + "\n");
        }
        long more = verdict.differences().size() - SHOWN;
        if (more > 0) {
            out.write("NOT EXACT: and " + more + " more\n");
        }
        if (verdict.isExact()) {
            out.write(
                    String.format(
                            Locale.ROOT,
                            "Usage is what was sent, to the last octet, for each of %,d keys; the"
                                    + " books balance.%n",
                            verdict.keys()));
        }
        out.write(conclusion() + "\n");
        out.write("Again: " + settings.replay() + "\n");
        out.flush();
    }

    private String conclusion() {
        return String.format(
                Locale.ROOT,
                "%,d records and requests, %d faults in %.0f s, %,d processes killed; %,d lost, %,d"
                        + " doubled.",
                truths.records(),
                faults.count(),
                elapsedMs / 1_000.0,
                faults.killed().values().stream().mapToInt(Integer::intValue).sum(),
                verdict.lost(),
                verdict.doubled());
    }

    private void printCollectors(Writer out) throws IOException {
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("collector"),
                        Column.text("of"),
                        Column.number("sent"),
                        Column.number("accounted"),
                        Column.number("lost"),
                        Column.number("doubled"))) {
            for (TortureProof.Row row : verdict.rows()) {
                rows.row(
                        row.collector(),
                        row.what(),
                        row.sent(),
                        row.accounted(),
                        row.lost(),
                        row.doubled());
            }
        }
        RadiusTruth.Totals totals = truths.requests().totals();
        out.write(
                String.format(
                        Locale.ROOT,
                        "Octets and packets of flows: %,d and %,d. Requests were sent again %,d"
                                + " times unanswered, and %,d times though answered; all of those"
                                + " are booked as duplicate or were never received.%n",
                        octets(),
                        packets(),
                        totals.retransmitted(),
                        totals.duplicates()));
    }

    private long octets() {
        return truths.flows().octets() + truths.streams().map(Truth::octets).orElse(0L);
    }

    private long packets() {
        return truths.flows().packets() + truths.streams().map(Truth::packets).orElse(0L);
    }

    private void printFaults(Writer out) throws IOException {
        try (var rows =
                RowWriter.to(out, Format.TABLE, Column.text("fault"), Column.number("how often"))) {
            for (Kind kind : Kind.values()) {
                if (settings.kinds().contains(kind)) {
                    rows.row(kind.label(), faults.done().getOrDefault(kind, 0));
                }
            }
        }
    }

    private void printRestarts(Writer out) throws IOException {
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("process"),
                        Column.number("killed"),
                        Column.number("restarts"))) {
            for (Map<String, Object> one : processes()) {
                rows.row(one.get("name"), one.get("killed"), one.get("restarts"));
            }
        }
    }

    private List<Map<String, Object>> processes() {
        List<Map<String, Object>> processes = new ArrayList<>();
        int manager = faults.killed().getOrDefault(Fault.MANAGER, 0);
        processes.add(process(Fault.MANAGER, manager + faults.unaskedEnds()));
        for (NodeStatus.Component one : status.components()) {
            processes.add(process(one.name(), one.restarts()));
        }
        return processes;
    }

    private Map<String, Object> process(String name, int restarts) {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("name", name);
        process.put("killed", faults.killed().getOrDefault(name, 0));
        process.put("restarts", restarts);
        return process;
    }

    /** For programs. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("exact", verdict.isExact());
        json.put("seed", settings.plan().seed());
        json.put("replay", settings.replay());
        json.put("seconds", elapsedMs / 1_000.0);
        json.put("balanced", verdict.audit().isBalanced());
        json.put("lost", verdict.lost());
        json.put("doubled", verdict.doubled());
        json.put("keys_compared", verdict.keys());
        json.put("collectors", verdict.rows().stream().map(TortureReport::json).toList());
        json.put("octets", octets());
        json.put("packets", packets());
        json.put("requests_sent_again", truths.requests().totals().retransmitted());
        json.put("faults", faults.count());
        Map<String, Object> kinds = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            kinds.put(kind.label(), faults.done().getOrDefault(kind, 0));
        }
        json.put("faults_by_kind", kinds);
        json.put("processes", processes());
        json.put("skipped", faults.skipped());
        json.put("differences", verdict.differences());
        return json;
    }

    private static Map<String, Object> json(TortureProof.Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("collector", row.collector());
        json.put("of", row.what());
        json.put("sent", row.sent());
        json.put("accounted", row.accounted());
        json.put("lost", row.lost());
        json.put("doubled", row.doubled());
        return json;
    }
}
