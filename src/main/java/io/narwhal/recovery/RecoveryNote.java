package io.narwhal.recovery;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is written down of one start of a component: a line of JSON, with the names of these parts
 * in lower case. The same start may have several lines; the last one holds.
 *
 * @param at when it had opened what it works on, ISO-8601
 * @param component its name
 * @param kind collector, accounting, output
 * @param pid of the process
 * @param began when the process began, in the system's unit
 * @param boot of the machine
 * @param after what ended its predecessor: {@link After#label}
 * @param predecessor what is known of how, for people; null when there was none
 * @param tookMs from its first look at the disk until everything was open
 * @param caughtUpMs from then until all that was there had been worked on again; null: not yet, or
 *     never
 * @param times how often in a row the same refusal came; otherwise 1
 * @param refused why it did not resume; null when it did
 * @param ended how it ended in order; null when it runs, or ended otherwise
 * @param lanes what it works on, each by itself
 */
public record RecoveryNote(
        String at,
        String component,
        String kind,
        long pid,
        long began,
        String boot,
        String after,
        @Nullable String predecessor,
        long tookMs,
        @Nullable Long caughtUpMs,
        int times,
        @Nullable String refused,
        @Nullable String ended,
        List<Lane> lanes) {
    /** Copies the list. */
    public RecoveryNote {
        lanes = lanes == null ? List.of() : List.copyOf(lanes);
    }

    /**
     * How one lane came back.
     *
     * @param lane name of its collector
     * @param plan a plan of docs/recovery.md
     * @param found the evidence, by what it is of
     * @param checkpoint the one that it resumes from; null when from none
     * @param from where in its input it resumes; of a collector: where its journal ends
     * @param until the end of the input that was there at the start
     * @param replayed what of that it has worked on again
     * @param compared what was written again and held against what was there
     * @param cut torn tails that were cut
     * @param lost what cannot be had again; none: nothing is lost
     */
    public record Lane(
            String lane,
            String plan,
            Map<String, String> found,
            @Nullable Checkpoint checkpoint,
            long from,
            long until,
            Amount replayed,
            Amount compared,
            List<Cut> cut,
            List<Loss> lost) {
        /** Sorts and copies. */
        public Lane {
            found = new TreeMap<>(found);
            cut = List.copyOf(cut);
            lost = List.copyOf(lost);
        }
    }

    /**
     * A checkpoint.
     *
     * @param generation its number
     * @param ageMs how long before the start it was saved; null when the file does not tell
     */
    public record Checkpoint(long generation, @Nullable Long ageMs) {}

    /**
     * So much of a journal.
     *
     * @param records of the lane: records accounted, rows delivered or compared, datagrams
     */
    public record Amount(long bytes, long frames, long records) {
        /** Nothing. */
        public static final Amount NONE = new Amount(0, 0, 0);
    }

    /**
     * A torn tail: bytes that nobody was promised.
     *
     * @param journal its directory, below the data directory
     * @param at position from which on it was cut
     * @param kept copies of what was cut
     */
    public record Cut(String journal, long at, long bytes, List<String> kept) {
        /** Copies the list. */
        public Cut {
            kept = List.copyOf(kept);
        }
    }

    /**
     * Something that cannot be had again.
     *
     * @param amount how much
     * @param of what: bytes, datagrams, connections, sessions
     * @param why and where
     */
    public record Loss(long amount, String of, String why) {}

    // Apart, as components write notes and only commands read them: reading takes much more code.
    private static final class Reading {
        static final JsonMapper JSON =
                JsonMapper.builder()
                        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                        .build();
    }

    /** Whether it is of the same start as another one. */
    public boolean isSameStart(RecoveryNote other) {
        return pid == other.pid && began == other.began && boot.equals(other.boot);
    }

    /** Reads a line; empty when it is none. */
    public static Optional<RecoveryNote> read(String line) {
        try {
            return Optional.ofNullable(Reading.JSON.readValue(line, RecoveryNote.class))
                    .filter(note -> note.boot != null && note.at != null);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** All of it as a tree of maps, lists, texts and numbers. */
    public Map<?, ?> tree() {
        return Reading.JSON.readValue(line(), Map.class);
    }

    /** The line, without an end of line. */
    public String line() {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("at", at);
            json.writeStringProperty("component", component);
            json.writeStringProperty("kind", kind);
            json.writeNumberProperty("pid", pid);
            json.writeNumberProperty("began", began);
            json.writeStringProperty("boot", boot);
            json.writeStringProperty("after", after);
            text(json, "predecessor", predecessor);
            json.writeNumberProperty("took_ms", tookMs);
            number(json, "caught_up_ms", caughtUpMs);
            json.writeNumberProperty("times", times);
            text(json, "refused", refused);
            text(json, "ended", ended);
            json.writeArrayPropertyStart("lanes");
            lanes.forEach(lane -> write(json, lane));
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Lane lane) {
        json.writeStartObject();
        json.writeStringProperty("lane", lane.lane);
        json.writeStringProperty("plan", lane.plan);
        json.writeObjectPropertyStart("found");
        lane.found.forEach(json::writeStringProperty);
        json.writeEndObject();
        if (lane.checkpoint == null) {
            json.writeNullProperty("checkpoint");
        } else {
            json.writeObjectPropertyStart("checkpoint");
            json.writeNumberProperty("generation", lane.checkpoint.generation);
            number(json, "age_ms", lane.checkpoint.ageMs);
            json.writeEndObject();
        }
        json.writeNumberProperty("from", lane.from);
        json.writeNumberProperty("until", lane.until);
        write(json, "replayed", lane.replayed);
        write(json, "compared", lane.compared);
        json.writeArrayPropertyStart("cut");
        lane.cut.forEach(one -> write(json, one));
        json.writeEndArray();
        json.writeArrayPropertyStart("lost");
        lane.lost.forEach(one -> write(json, one));
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, Amount amount) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("bytes", amount.bytes);
        json.writeNumberProperty("frames", amount.frames);
        json.writeNumberProperty("records", amount.records);
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Cut cut) {
        json.writeStartObject();
        json.writeStringProperty("journal", cut.journal);
        json.writeNumberProperty("at", cut.at);
        json.writeNumberProperty("bytes", cut.bytes);
        json.writeArrayPropertyStart("kept");
        cut.kept.forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Loss loss) {
        json.writeStartObject();
        json.writeNumberProperty("amount", loss.amount);
        json.writeStringProperty("of", loss.of);
        json.writeStringProperty("why", loss.why);
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value);
        }
    }

    private static void number(JsonGenerator json, String name, @Nullable Long value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeNumberProperty(name, value);
        }
    }
}
