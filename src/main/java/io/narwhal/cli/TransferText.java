package io.narwhal.cli;

import io.narwhal.component.PullEvent;
import io.narwhal.component.PullView;
import io.narwhal.component.PulledStream;
import io.narwhal.inspect.TransferBooks;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The books of transfers, for people and for programs. */
final class TransferText {
    private TransferText() {}

    static void print(TransferBooks books, Writer out) throws IOException {
        if (books.streams().isEmpty()) {
            return;
        }
        out.write("\n");
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("pulled from"),
                        Column.text("journal"),
                        Column.number("frames"),
                        Column.number("items"),
                        Column.number("octets"),
                        Column.number("again"),
                        Column.number("parked"),
                        Column.number("others'"),
                        Column.number("lost octets"),
                        Column.text("books"))) {
            for (TransferBooks.Stream one : books.streams()) {
                PulledStream.Counts counts = one.books().counts();
                rows.row(
                        one.books().link(),
                        one.books().id().toString(),
                        counts.frames(),
                        counts.items(),
                        counts.octets(),
                        counts.duplicateItems(),
                        one.parked().items(),
                        counts.droppedItems(),
                        counts.gapOctets(),
                        counts.uncounted() == 0
                                ? "whole"
                                : counts.uncounted() + " OCTETS NEVER CAME");
            }
        }
        for (PullEvent event : books.events()) {
            out.write(line(event));
        }
        TransferBooks.Rows rows = books.rows();
        if (rows.received() > 0) {
            out.write(
                    "Pulled usage: %d rows = %d delivered + %d in process%s\n"
                            .formatted(
                                    rows.received(),
                                    rows.delivered(),
                                    rows.inProcess(),
                                    rows.isBalanced() ? "." : ": THEY DO NOT ADD UP."));
        }
        for (String held : books.held()) {
            out.write("Held until the configuration has it: " + held + "\n");
        }
    }

    private static String line(PullEvent event) {
        String whose =
                event.stream().isEmpty() ? event.link() : event.link() + " " + event.stream();
        return "%s %s: %s: %s\n".formatted(at(event), whose, event.what(), event.detail());
    }

    private static Instant at(PullEvent event) {
        return Instant.ofEpochMilli(event.atMicros() / 1_000);
    }

    static Map<String, @Nullable Object> json(TransferBooks books) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("balanced", books.isBalanced());
        json.put("streams", books.streams().stream().map(TransferText::json).toList());
        Map<String, @Nullable Object> rows = new LinkedHashMap<>();
        rows.put("received", books.rows().received());
        rows.put("delivered", books.rows().delivered());
        rows.put("in_process", books.rows().inProcess());
        rows.put("damaged_bytes", books.rows().damagedBytes());
        json.put("usage_rows", rows);
        json.put("held", List.copyOf(books.held()));
        json.put("events", books.events().stream().map(TransferText::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(TransferBooks.Stream one) {
        PulledStream.Counts counts = one.books().counts();
        PullView.Parked parked = one.parked();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("link", one.books().link());
        json.put("journal", one.books().id().journal().label());
        json.put("name", one.books().id().name());
        json.put("epoch", Long.toHexString(one.books().epoch()));
        json.put("position", one.books().through());
        json.put("frames", counts.frames());
        json.put("items", counts.items());
        json.put("octets", counts.octets());
        json.put("duplicate_items", counts.duplicateItems());
        json.put("parked_frames", parked.frames());
        json.put("parked_items", parked.items());
        json.put("dropped_frames", counts.droppedFrames());
        json.put("dropped_items", counts.droppedItems());
        json.put("gaps", counts.gaps());
        json.put("gap_octets", counts.gapOctets());
        json.put("elsewhere_octets", counts.elsewhereOctets());
        json.put("uncounted_octets", counts.uncounted());
        return json;
    }

    private static Map<String, @Nullable Object> json(PullEvent event) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("at", at(event).toString());
        json.put("link", event.link());
        json.put("stream", event.stream());
        json.put("what", event.what());
        json.put("detail", event.detail());
        return json;
    }
}
