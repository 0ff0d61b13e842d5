package io.narwhal.cli;

import io.narwhal.capture.Fate;
import io.narwhal.collect.FileImport;
import io.narwhal.collect.ProcessedFile;
import io.narwhal.record.Books;
import io.narwhal.record.Reason;
import io.narwhal.record.Tally;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what became of imported files. */
final class ImportReport {
    private final Writer out;
    private final Format format;

    /** A file that was named on the command line, and what became of it. */
    record Line(String name, FileImport.Outcome outcome) {
        /** Whether nothing of it is missing. */
        boolean isWhole() {
            return switch (outcome) {
                case FileImport.Outcome.Processed(ProcessedFile file) -> file.problem() == null;
                case FileImport.Outcome.Known _ -> true;
                case FileImport.Outcome.Refused _, FileImport.Outcome.Stopped _ -> false;
            };
        }
    }

    ImportReport(Writer out, Format format) {
        this.out = out;
        this.format = format;
    }

    /** The list of processed files. */
    void list(List<ProcessedFile> files) throws IOException {
        if (format == Format.JSON) {
            Json.write(out, files.stream().map(ImportReport::json).toList());
            return;
        }
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.number("no"),
                        Column.text("file"),
                        Column.text("format"),
                        Column.number("bytes"),
                        Column.text("sha-256"),
                        Column.text("state"),
                        Column.text("when"),
                        Column.number("datagrams"),
                        Column.text("not taken"))) {
            for (ProcessedFile one : files) {
                rows.row(
                        one.number(),
                        one.name(),
                        one.format(),
                        one.size(),
                        one.sha256().substring(0, 12),
                        state(one),
                        one.ended() == null ? one.begun() : one.ended(),
                        one.datagrams(),
                        skipped(one));
            }
        }
    }

    private static String state(ProcessedFile file) {
        return file.state().name().toLowerCase(Locale.ROOT);
    }

    private static String skipped(ProcessedFile file) {
        List<String> parts = new ArrayList<>();
        for (Fate fate : Fate.values()) {
            long packets = file.packets().getOrDefault(fate.label(), 0L);
            if (fate.isSkipped() && packets > 0) {
                parts.add(packets + " " + fate.label());
            }
        }
        if (file.problem() != null) {
            parts.add(file.problem());
        }
        return String.join(", ", parts);
    }

    /**
     * What became of the files of one command.
     *
     * @param before the books before it; null when it was not waited for what comes of the files
     */
    void outcome(List<Line> lines, @Nullable Books before, Books after) throws IOException {
        if (format == Format.JSON) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("files", lines.stream().map(ImportReport::json).toList());
            json.put(
                    "accounted",
                    before == null ? null : json(before.accounted(), after.accounted()));
            json.put("held", before == null ? null : after.held().records());
            json.put(
                    "duplicate",
                    before == null ? null : json(before.duplicate(), after.duplicate()));
            json.put("rejected", before == null ? null : rejected(before, after));
            Json.write(out, json);
            return;
        }
        for (Line line : lines) {
            out.write(line.name() + ": " + text(line.outcome()) + "\n");
        }
        if (before != null) {
            out.write(accounted(before, after) + "\n");
        }
    }

    private static String text(FileImport.Outcome outcome) {
        return switch (outcome) {
            case FileImport.Outcome.Processed(ProcessedFile file) ->
                    state(file)
                            + ", "
                            + file.datagrams()
                            + (file.format().equals("ipfix") ? " messages" : " datagrams")
                            + notTaken(file);
            case FileImport.Outcome.Known(ProcessedFile file) ->
                    "already "
                            + state(file)
                            + " at "
                            + file.ended()
                            + " as "
                            + file.name()
                            + ", "
                            + file.datagrams()
                            + " datagrams; nothing done";
            case FileImport.Outcome.Refused _ -> "not processed";
            case FileImport.Outcome.Stopped(long datagrams) ->
                    "interrupted behind " + datagrams + " datagrams";
        };
    }

    private static String notTaken(ProcessedFile file) {
        String skipped = skipped(file);
        return skipped.isEmpty() ? "" : "; not taken: " + skipped;
    }

    private static String accounted(Books before, Books after) {
        var text = new StringBuilder();
        long records = after.accounted().records() - before.accounted().records();
        text.append("accounted and delivered: ").append(records).append(" records");
        long duplicate = after.duplicate().records() - before.duplicate().records();
        if (duplicate > 0) {
            text.append(", duplicate: ").append(duplicate);
        }
        rejected(before, after)
                .forEach(
                        (reason, count) ->
                                text.append(", rejected: ")
                                        .append(count)
                                        .append(' ')
                                        .append(reason));
        if (after.held().records() > 0) {
            text.append(", held for their template: ").append(after.held().records());
        }
        return text.toString();
    }

    private static Map<String, Object> rejected(Books before, Books after) {
        Map<String, Object> reasons = new LinkedHashMap<>();
        for (Reason reason : Reason.values()) {
            long count = after.rejected(reason).records() - before.rejected(reason).records();
            if (count != 0) {
                reasons.put(reason.label(), count);
            }
        }
        return reasons;
    }

    private static Map<String, Object> json(Tally before, Tally after) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("records", after.records() - before.records());
        json.put("packets", after.packets() - before.packets());
        json.put("octets", after.octets() - before.octets());
        return json;
    }

    private static Map<String, @Nullable Object> json(Line line) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", line.name());
        switch (line.outcome()) {
            case FileImport.Outcome.Processed(ProcessedFile file) -> {
                json.put("outcome", state(file));
                json.put("file", json(file));
            }
            case FileImport.Outcome.Known(ProcessedFile file) -> {
                json.put("outcome", "known");
                json.put("file", json(file));
            }
            case FileImport.Outcome.Refused(String message) -> {
                json.put("outcome", "refused");
                json.put("message", message);
            }
            case FileImport.Outcome.Stopped(long datagrams) -> {
                json.put("outcome", "interrupted");
                json.put("datagrams", datagrams);
            }
        }
        return json;
    }

    private static Map<String, @Nullable Object> json(ProcessedFile file) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("number", file.number());
        json.put("name", file.name());
        json.put("size", file.size());
        json.put("sha256", file.sha256());
        json.put("format", file.format());
        json.put("ports", file.ports());
        json.put("exporter", file.exporter().isEmpty() ? null : file.exporter());
        json.put("state", state(file));
        json.put("begun", file.begun());
        json.put("ended", file.ended());
        json.put("datagrams", file.datagrams());
        json.put("octets", file.octets());
        json.put("packets", file.packets());
        json.put("problem", file.problem());
        return json;
    }
}
