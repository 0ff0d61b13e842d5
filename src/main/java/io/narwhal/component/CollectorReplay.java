package io.narwhal.component;

import io.narwhal.collect.Intake;
import io.narwhal.collect.StreamIntake;
import io.narwhal.journal.Recovered;
import io.narwhal.recovery.RecoveryNote;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** How a collector comes back: its journal's tail, and what stood between that and the kernel. */
final class CollectorReplay implements RecoveryDiary.Part {
    private final String collector;
    private final Recovered journal;
    private final long end;
    private final boolean answered;
    private final SortedMap<String, String> found = new TreeMap<>();
    private final List<RecoveryNote.Loss> lost = new ArrayList<>();
    private long appended;

    /**
     * Of a collector whose journal was just opened and ends there.
     *
     * @param answered whether who sends is answered once it is safe, and sends again otherwise
     */
    CollectorReplay(String collector, Recovered journal, long end, boolean answered) {
        this.collector = collector;
        this.journal = journal;
        this.end = end;
        this.answered = answered;
        found.put("journal", journalFound());
        journal.damage().forEach(damage -> lost.add(Replay.lossOf(damage)));
    }

    private String journalFound() {
        if (journal.created()) {
            return "none";
        }
        if (!journal.damage().isEmpty()) {
            return "damaged";
        }
        return journal.cutBytes() > 0 ? "torn" : "whole";
    }

    /** What stood in the area of one of its sockets. */
    void area(int socket, Intake.Found what) {
        switch (what) {
            case Intake.Found.Nothing _ -> {}
            case Intake.Found.Appended(int datagrams) -> {
                appended += datagrams;
                area(socket, "appended", datagrams);
            }
            case Intake.Found.Known(int datagrams) -> area(socket, "known", datagrams);
            case Intake.Found.Distrusted(int datagrams) -> {
                area(socket, "distrusted", datagrams);
                if (!answered) {
                    lost.add(
                            new RecoveryNote.Loss(
                                    datagrams,
                                    "datagrams",
                                    "in flight when the machine went down; they show as missing"));
                }
            }
        }
    }

    private void area(int socket, String how, int datagrams) {
        found.put("in-flight " + socket, how + " " + datagrams);
    }

    /** What became of the connections of one of its addresses. */
    void sessions(int listen, StreamIntake.Recovered what) {
        if (what.resumed() + what.ended() > 0) {
            found.put(
                    "connections " + listen,
                    what.resumed() + " go on, " + what.ended() + " could not");
        }
        if (what.ended() > 0) {
            lost.add(
                    new RecoveryNote.Loss(
                            what.ended(),
                            "connections",
                            "nobody had kept them; what the kernel still held of them shows as"
                                    + " missing"));
        }
    }

    @Override
    public boolean isCaughtUp() {
        return true;
    }

    @Override
    public RecoveryNote.Lane lane() {
        return new RecoveryNote.Lane(
                collector,
                journal.created() ? "begin" : "go-on",
                found,
                null,
                end,
                end,
                new RecoveryNote.Amount(0, 0, appended),
                RecoveryNote.Amount.NONE,
                journal.cutBytes() == 0
                        ? List.of()
                        : List.of(Replay.cutOf("journal/received/" + collector, journal)),
                lost);
    }
}
