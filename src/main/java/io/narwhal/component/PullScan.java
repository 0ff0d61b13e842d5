package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Origin;
import io.narwhal.transfer.Journal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what stands in the journals behind the checkpoint, in the order in which it was saved:
 * within a journal as it stands there, between that of what counts and that of what is parked by
 * the transmission numbers of each link.
 */
final class PullScan {
    private static final Logger LOG = LoggerFactory.getLogger(PullScan.class);

    private final Disk disk;
    private final Map<PullState.Place, Path> directories;
    private final PullState state;
    private final PulledUsage usage;
    private final PullParked parked;
    private final Map<String, Deque<PullFrame>> aside = new HashMap<>();
    private final List<PullFrame> moved = new ArrayList<>();

    /**
     * Where it reads.
     *
     * @param directories of the journals that there are
     */
    PullScan(
            Disk disk,
            Map<PullState.Place, Path> directories,
            PullState state,
            PulledUsage usage,
            PullParked parked) {
        this.disk = disk;
        this.directories = directories;
        this.state = state;
        this.usage = usage;
        this.parked = parked;
    }

    void run() {
        parked();
        for (Journal journal : Journal.values()) {
            if (directories.containsKey(PullState.Place.of(journal))) {
                counted(journal);
            }
        }
        aside.values().forEach(all -> all.forEach(this::take));
    }

    /** What stands where it counts while the journal of parked data does not say so. */
    List<PullFrame> moved() {
        return moved;
    }

    private interface Frames {
        void frame(JournalReader reader);
    }

    private void read(PullState.Place place, long from, Frames each) {
        Path directory = directories.get(place);
        if (directory == null) {
            return;
        }
        try (var reader = JournalReader.open(disk, directory, from)) {
            while (true) {
                switch (reader.next()) {
                    case END -> {
                        state.setEnd(
                                place, new JournalPosition(reader.journalId(), reader.position()));
                        return;
                    }
                    case DAMAGED -> {
                        LOG.error("{}", reader.damage().line());
                    }
                    case FRAME -> each.frame(reader);
                }
            }
        }
    }

    private void parked() {
        long booked = state.end(PullState.Place.PARKED).position();
        read(
                PullState.Place.PARKED,
                state.parkedFrom(),
                reader -> {
                    PullParked.Read read =
                            PullParked.read(
                                    usage,
                                    reader.bytes(),
                                    reader.payloadOffset(),
                                    reader.payloadLength(),
                                    reader.items(),
                                    reader.framePosition());
                    if (reader.framePosition() >= booked) {
                        since(read);
                    }
                    parked.apply(read);
                });
    }

    private void since(PullParked.Read read) {
        switch (read) {
            case PullParked.Read.Data data ->
                    aside.computeIfAbsent(data.key().link(), link -> new ArrayDeque<>())
                            .add(data.frame());
            case PullParked.Read.Mark mark -> {
                PullParked.Entry entry = parked.entries().get(mark.key());
                if (mark.outcome() == PullParked.Outcome.DUPLICATE && entry != null) {
                    state.stream(mark.key().link(), mark.key().id()).dropped(entry.items());
                }
            }
        }
    }

    private void counted(Journal journal) {
        var place = PullState.Place.of(journal);
        read(
                place,
                state.end(place).position(),
                reader -> {
                    if (!Origin.isAt(
                            reader.bytes(), reader.payloadOffset(), reader.payloadLength())) {
                        return; // this node's own word that a drain was asked for
                    }
                    PullFrame frame =
                            PullFrame.read(
                                    journal,
                                    reader.bytes(),
                                    reader.payloadOffset(),
                                    reader.payloadLength(),
                                    reader.items());
                    if (frame.origin().wasParked()) {
                        isMoved(frame);
                    } else {
                        asideBefore(frame);
                        take(frame);
                    }
                });
    }

    private void isMoved(PullFrame frame) {
        var key = PullParked.Key.of(frame.journal(), frame.origin());
        if (parked.has(key)) {
            parked.remove(key);
            Origin at = frame.origin();
            moved.add(
                    new PullFrame(
                            frame.journal(),
                            new Origin(
                                    at.epoch(),
                                    0,
                                    at.position(),
                                    at.position(),
                                    0,
                                    0,
                                    0,
                                    at.link(),
                                    at.stream()),
                            0,
                            0,
                            null));
        }
    }

    private void asideBefore(PullFrame frame) {
        Deque<PullFrame> waiting = aside.get(frame.origin().link());
        while (waiting != null && !waiting.isEmpty() && isBefore(waiting.getFirst(), frame)) {
            take(waiting.removeFirst());
        }
    }

    private static boolean isBefore(PullFrame one, PullFrame other) {
        Origin first = one.origin();
        Origin second = other.origin();
        if (first.txn() != second.txn()) {
            return first.txn() < second.txn();
        }
        PullNote note = other.note();
        return note != null && note.parted() != null || first.position() < second.position();
    }

    private void take(PullFrame frame) {
        state.fold(frame);
        state.book(frame);
    }
}
