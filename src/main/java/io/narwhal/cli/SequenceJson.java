package io.narwhal.cli;

import io.narwhal.wire.DeclaredLosses;
import io.narwhal.wire.ExporterReport;
import io.narwhal.wire.SequenceGap;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the sequence numbers of an exporter tell, and what it says of itself, for the audit. */
final class SequenceJson {
    private SequenceJson() {}

    /** Adds it to what the audit says of the exporter. */
    static void put(Map<String, @Nullable Object> json, ExporterReport report) {
        json.put("sequence_unit", report.sequenceUnit().label());
        json.put("duplicates", report.duplicates());
        json.put("missing_first", time(report.firstMissingMs()));
        json.put("missing_last", time(report.lastMissingMs()));
        json.put("gaps", report.gaps().stream().map(SequenceJson::json).toList());
        json.put("declared", json(report.declared()));
        json.put("retired", report.retired());
    }

    private static Map<String, @Nullable Object> json(SequenceGap gap) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("first", gap.first());
        json.put("count", gap.count());
        json.put("from", time(gap.fromMs()));
        json.put("to", time(gap.toMs()));
        json.put("state", gap.state().label());
        return json;
    }

    private static Map<String, @Nullable Object> json(DeclaredLosses declared) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("ignored_packets", declared.ignoredPackets());
        json.put("ignored_octets", declared.ignoredOctets());
        json.put("not_sent_flows", declared.notSentFlows());
        json.put("not_sent_packets", declared.notSentPackets());
        json.put("not_sent_octets", declared.notSentOctets());
        json.put("exported_messages", declared.exportedMessages());
        json.put("exported_records", declared.exportedRecords());
        json.put("exported_octets", declared.exportedOctets());
        return json;
    }

    private static @Nullable String time(long ms) {
        return ms == 0 ? null : Instant.ofEpochMilli(ms).toString();
    }
}
