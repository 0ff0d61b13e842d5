package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFull;
import io.narwhal.base.Processes;
import io.narwhal.base.SmallFile;
import io.narwhal.recovery.After;
import io.narwhal.recovery.RecoveryNote;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes down how this process of a component came back. It never keeps a component from its work:
 * what finds no room on the disk is written as soon as there is some, and what cannot be written at
 * all is told in the log. One thread.
 */
final class RecoveryDiary {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveryDiary.class);
    private static final long RETRY_NANOS = 5_000_000_000L;

    /** Something of the component that comes back by itself. */
    interface Part {
        /** How it came back. */
        RecoveryNote.Lane lane();

        /** Whether it has worked on all that was there when it started. */
        boolean isCaughtUp();
    }

    private final Disk disk;
    private final Clock clock;
    private final NodeLayout layout;
    private final Processes.Identity self;
    private final RecoveryFile file;
    private final String component;
    private final String kind;
    private final String boot;
    private final After after;
    private final String pageSaid;
    private final long beganNanos;
    private List<? extends Part> parts = List.of();
    private String at = "";
    private long tookMs;
    private @Nullable Long caughtUpMs;
    private long openedNanos;
    private boolean opened;
    private boolean due;
    private long notBeforeNanos;

    private RecoveryDiary(
            Environment environment, String component, Kind kind, After after, String pageSaid) {
        this.disk = environment.disk();
        this.clock = environment.clock();
        this.layout = environment.layout();
        this.self = environment.processes().self();
        this.file = new RecoveryFile(disk, layout, component);
        this.component = component;
        this.kind = kind.label();
        this.boot = environment.processes().boot().toString();
        this.after = after;
        this.pageSaid = pageSaid;
        this.beganNanos = clock.monotonicNanos();
        this.notBeforeNanos = beganNanos;
    }

    /** The diary of this process, whose page still says what became of its predecessor. */
    static RecoveryDiary open(
            Environment environment, String component, Kind kind, ComponentPage page) {
        Last last = Last.of(environment, component);
        var before =
                new After.Before(
                        last.boot, last.ended, page.owner().pid() != 0, page.phase().isOver());
        // Whoever refused did nothing: what counts is what ended the last one that worked.
        After after =
                last.refusedAfter == null
                        ? After.of(before, environment.processes().boot().toString())
                        : last.refusedAfter;
        return new RecoveryDiary(environment, component, kind, after, said(after, page, last));
    }

    private static String said(After after, ComponentPage page, Last last) {
        if (last.refusedAfter != null) {
            return last.predecessor;
        }
        return switch (after) {
            case FIRST -> "";
            case POWER_CUT -> "process " + last.pid + ": the machine went down";
            case ORDERLY ->
                    "process " + (last.ended ? last.pid : page.owner().pid()) + ": ended in order";
            case CRASH ->
                    "process "
                            + (page.owner().pid() == 0 ? last.pid : page.owner().pid())
                            + (page.phase() == Phase.FAILED ? ": " + page.message() : "");
        };
    }

    /** What the line before ours says. */
    private record Last(
            @Nullable String boot,
            boolean ended,
            long pid,
            @Nullable After refusedAfter,
            String predecessor) {
        private static final Last NONE = new Last(null, false, 0, null, "");

        static Last of(Environment environment, String component) {
            try {
                return new RecoveryFile(environment.disk(), environment.layout(), component)
                        .last()
                        .map(Last::of)
                        .orElse(NONE);
            } catch (DiskFailure | JacksonException e) {
                LOG.warn("the recoveries before this one cannot be read: {}", e.getMessage());
                return NONE;
            }
        }

        private static Last of(String line) {
            SortedMap<String, String> texts = new TreeMap<>();
            long pid = 0;
            int depth = 0;
            try (var json = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
                for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                    depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                    if (depth == 1 && token == JsonToken.VALUE_STRING) {
                        texts.put(json.currentName(), json.getString());
                    } else if (depth == 1 && "pid".equals(json.currentName())) {
                        pid = token == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : pid;
                    }
                }
            }
            return new Last(
                    texts.get("boot"),
                    texts.containsKey("ended"),
                    pid,
                    texts.containsKey("refused") ? After.labelled(texts.get("after")) : null,
                    texts.getOrDefault("predecessor", ""));
        }
    }

    /** Everything is open: these are what it works on. */
    void opened(List<? extends Part> all) {
        parts = List.copyOf(all);
        openedNanos = clock.monotonicNanos();
        tookMs = (openedNanos - beganNanos) / 1_000_000;
        at = now();
        opened = true;
        due = true;
    }

    private String now() {
        return Instant.ofEpochMilli(clock.wallMicros() / 1_000).toString();
    }

    /** Writes what has become known since; to be called again and again. */
    void look() {
        if (!opened) {
            return;
        }
        long now = clock.monotonicNanos();
        if (caughtUpMs == null && parts.stream().allMatch(Part::isCaughtUp)) {
            caughtUpMs = (now - openedNanos) / 1_000_000;
            due = true;
        }
        if (due && now - notBeforeNanos >= 0) {
            write(() -> file.append(note(null, null, 1).line()));
        }
    }

    /** The component has ended in order. */
    void ended(Phase how) {
        if (opened) {
            write(() -> file.append(note(null, how.label(), 1).line()));
        }
    }

    /** The component cannot resume. The same refusal again takes the place of the one before. */
    void refused(String why, List<RecoveryNote.Lane> lanes) {
        if (opened) {
            return;
        }
        at = now();
        tookMs = (clock.monotonicNanos() - beganNanos) / 1_000_000;
        parts = lanes.stream().map(Refused::new).toList();
        write(
                () -> {
                    Optional<RecoveryNote> last = file.last().flatMap(RecoveryNote::read);
                    int times =
                            last.filter(one -> why.equals(one.refused()))
                                    .map(RecoveryNote::times)
                                    .orElse(0);
                    String line = note(why, null, times + 1).line();
                    if (times == 0) {
                        file.append(line);
                    } else {
                        file.replaceLast(line);
                    }
                });
    }

    private record Refused(RecoveryNote.Lane lane) implements Part {
        @Override
        public boolean isCaughtUp() {
            return false;
        }
    }

    private void write(Runnable step) {
        try {
            step.run();
            due = false;
        } catch (DiskFull e) {
            notBeforeNanos = clock.monotonicNanos() + RETRY_NANOS;
        } catch (DiskFailure e) {
            due = false;
            LOG.warn("this recovery is not written down: {}", e.getMessage());
        }
    }

    private RecoveryNote note(@Nullable String refused, @Nullable String ended, int times) {
        return new RecoveryNote(
                at,
                component,
                kind,
                self.pid(),
                self.began(),
                boot,
                after.label(),
                predecessor(),
                tookMs,
                caughtUpMs,
                times,
                refused,
                ended,
                parts.stream().map(Part::lane).toList());
    }

    // The node manager saw how the process ended, and says so when it has started this one.
    private @Nullable String predecessor() {
        if (pageSaid.isEmpty()) {
            return null;
        }
        if (after != After.CRASH) {
            return pageSaid;
        }
        String managerSaid = lastEnd();
        return managerSaid.isEmpty() || pageSaid.contains(": ")
                ? pageSaid
                : pageSaid + ": " + managerSaid;
    }

    private String lastEnd() {
        Path state = layout.node().resolve(NodeLayout.STATE);
        try {
            return disk.exists(state) ? lastEnd(SmallFile.read(disk, state)) : "";
        } catch (DiskFailure | JacksonException e) {
            return "";
        }
    }

    // Of the component that has our pid: otherwise the state is older than we are.
    private String lastEnd(byte[] state) {
        long pid = 0;
        String end = "";
        try (var json = new JsonFactory().createParser(ObjectReadContext.empty(), state)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                switch (token) {
                    case START_OBJECT -> {
                        pid = 0;
                        end = "";
                    }
                    case VALUE_NUMBER_INT ->
                            pid = "pid".equals(json.currentName()) ? json.getLongValue() : pid;
                    case VALUE_STRING ->
                            end = "lastEnd".equals(json.currentName()) ? json.getString() : end;
                    case END_OBJECT -> {
                        if (pid == self.pid() && !end.isEmpty()) {
                            return end;
                        }
                    }
                    default -> {} // nothing of it is asked for
                }
            }
        }
        return "";
    }
}
