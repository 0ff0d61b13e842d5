package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.transfer.LinkFacts;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.StreamFacts;
import io.narwhal.transfer.TransferEvent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tells commands how the links of one side stand: a small file, replaced when something has changed
 * and about once a second at the most. It is not forced, as it says only what is so now.
 */
public final class TransferFacts {
    /** The file of the side that pulls, in {@link NodeLayout#transfer()}. */
    public static final String PULLED = "pulled.json";

    /** The file of the side that serves. */
    public static final String SERVED = "served.json";

    private static final Logger LOG = LoggerFactory.getLogger(TransferFacts.class);
    private static final long EVERY_MS = 900;

    /**
     * One link.
     *
     * @param facts as the state machine knows them
     * @param address of the other side; empty when it is not connected, or not known
     * @param complaint what is wrong with it now; empty: nothing
     * @param events the newest
     */
    public record One(LinkFacts facts, String address, String complaint, List<Event> events) {
        public One {
            events = List.copyOf(events);
        }
    }

    /**
     * Something that happened.
     *
     * @param at ISO-8601
     */
    public record Event(String at, String what, String detail) {
        /** That of a state machine, whose clock says {@code nowMs}. */
        public static Event of(TransferEvent event, long nowMs, Clock clock) {
            long ago = Math.max(0, nowMs - event.atMs());
            return new Event(
                    iso(clock.wallMicros() / 1_000 - ago), event.kind().label(), event.what());
        }
    }

    private record Rate(long bytes, long atMs) {}

    private record Ack(long atMs, String text) {}

    private final Disk disk;
    private final Clock clock;
    private final Path directory;
    private final String file;
    private final Map<String, Rate> rates = new HashMap<>();
    private final Map<String, Ack> acks = new HashMap<>();
    private byte[] written = new byte[0];
    private long writtenMs = Long.MIN_VALUE / 2;

    /** Writes nothing yet. */
    public TransferFacts(Disk disk, Clock clock, NodeLayout layout, String file) {
        this.disk = disk;
        this.clock = clock;
        this.directory = layout.transfer();
        this.file = file;
    }

    private static String iso(long wallMs) {
        return Instant.ofEpochMilli(wallMs).toString();
    }

    /** Tells how the links stand, if that is due. Never throws for want of room. */
    public void write(List<One> links, long nowMs) {
        if (nowMs - writtenMs < EVERY_MS) {
            return;
        }
        byte[] bytes = text(links, nowMs).getBytes(StandardCharsets.UTF_8);
        writtenMs = nowMs;
        if (Arrays.equals(bytes, written)) {
            return;
        }
        try {
            disk.createDirectories(directory);
            Path temporary = directory.resolve(file + ".tmp");
            try (var out = disk.open(temporary, Disk.Mode.REPLACE)) {
                out.write(ByteBuffer.wrap(bytes), 0);
            }
            disk.rename(temporary, directory.resolve(file));
            written = bytes;
        } catch (DiskFailure e) {
            LOG.debug("how the links stand is not written down now: {}", e.getMessage());
        }
    }

    private String text(List<One> links, long nowMs) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("links");
            links.forEach(one -> write(json, one, nowMs));
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private void write(JsonGenerator json, One one, long nowMs) {
        LinkFacts facts = one.facts();
        json.writeStartObject();
        json.writeStringProperty("link", facts.link());
        json.writeStringProperty("reader", facts.reader());
        json.writeStringProperty("journal", facts.journal().label());
        json.writeStringProperty("address", one.address());
        json.writeStringProperty("state", facts.state());
        json.writeStringProperty("buffer", facts.buffer());
        json.writeBooleanProperty("standby", facts.standby());
        json.writeStringProperty("complaint", one.complaint());
        write(json, facts.held());
        json.writeNumberProperty("last_txn", facts.lastTxn());
        json.writeNumberProperty("acked_txn", facts.ackedTxn());
        json.writeStringProperty("last_ack", lastAck(facts, nowMs));
        json.writeNumberProperty("pulls", facts.pulls());
        json.writeObjectPropertyStart("requests");
        facts.requests()
                .forEach((reason, count) -> json.writeNumberProperty(reason.label(), count));
        json.writeEndObject();
        json.writeNumberProperty("bytes", facts.bytes());
        json.writeNumberProperty("records", facts.records());
        json.writeNumberProperty("bytes_per_second", rate(facts, nowMs));
        json.writeNumberProperty("duplicates", facts.duplicates());
        json.writeNumberProperty("ambiguous_bytes", facts.ambiguousBytes());
        json.writeNumberProperty("lost_bytes", facts.lostBytes());
        json.writeArrayPropertyStart("streams");
        facts.streams().forEach(stream -> write(json, stream));
        json.writeEndArray();
        json.writeArrayPropertyStart("events");
        one.events().forEach(event -> write(json, event));
        json.writeEndArray();
        json.writeEndObject();
    }

    // Once for each, as the two clocks do not run alike: what has not changed is not written again.
    private String lastAck(LinkFacts facts, long nowMs) {
        if (facts.lastAckMs() == 0) {
            return "";
        }
        Ack known = acks.get(key(facts));
        if (known == null || known.atMs() != facts.lastAckMs()) {
            long ago = Math.max(0, nowMs - facts.lastAckMs());
            known = new Ack(facts.lastAckMs(), iso(clock.wallMicros() / 1_000 - ago));
            acks.put(key(facts), known);
        }
        return known.text();
    }

    private static String key(LinkFacts facts) {
        return facts.link() + "/" + facts.journal();
    }

    private long rate(LinkFacts facts, long nowMs) {
        Rate before = rates.put(key(facts), new Rate(facts.bytes(), nowMs));
        return before == null || nowMs <= before.atMs() || facts.bytes() < before.bytes()
                ? 0
                : (facts.bytes() - before.bytes()) * 1_000 / (nowMs - before.atMs());
    }

    private static void write(JsonGenerator json, Occupancy held) {
        json.writeObjectPropertyStart("held");
        json.writeNumberProperty("records", held.records());
        json.writeNumberProperty("bytes", held.bytes());
        json.writeStringProperty(
                "oldest", held.oldestMicros() == 0 ? "" : iso(held.oldestMicros() / 1_000));
        json.writeNumberProperty("fill_percent", held.fillPercent());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, StreamFacts stream) {
        json.writeStartObject();
        json.writeStringProperty("journal", stream.id().journal().label());
        json.writeStringProperty("name", stream.id().name());
        json.writeStringProperty("epoch", Long.toHexString(stream.epoch()));
        json.writeNumberProperty("position", stream.position());
        json.writeNumberProperty("sent", stream.sent());
        json.writeNumberProperty("end", stream.end());
        var verdict = stream.verdict();
        json.writeStringProperty(
                "verdict", verdict == null ? "" : verdict.name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("detail", stream.detail());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Event event) {
        json.writeStartObject();
        json.writeStringProperty("at", event.at());
        json.writeStringProperty("what", event.what());
        json.writeStringProperty("detail", event.detail());
        json.writeEndObject();
    }
}
