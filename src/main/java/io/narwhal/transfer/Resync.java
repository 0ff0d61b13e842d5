package io.narwhal.transfer;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/** Where a journal goes on with a manager that says what it has of it: a decision, no more. */
final class Resync {
    private final Stream stream;
    private final @Nullable Saved saved;
    private final StreamState known;
    private final List<Owners.Stretch> owned;

    private Resync(Stream stream, @Nullable Saved saved, StreamState known, String member) {
        this.stream = stream;
        this.saved = saved;
        this.known = known;
        this.owned = known.owners.of(member);
    }

    /**
     * @param stream as it stands
     * @param saved as the manager says; null: it has nothing
     * @param known of the stream's epoch
     */
    static Resumption decide(
            Stream stream, @Nullable Saved saved, StreamState known, String member) {
        return new Resync(stream, saved, known, member).decide();
    }

    /** What goes on with a history that is not the one that the manager knew last. */
    static Resumption putBack(Resumption as) {
        boolean simple = as.verdict() == Verdict.RESUMES || as.verdict() == Verdict.MANAGER_BEHIND;
        if (!simple) {
            return as;
        }
        boolean usage = as.id().journal() == Journal.USAGE;
        return new Resumption(
                as.id(),
                as.epoch(),
                as.from(),
                usage ? Verdict.REFUSED : Verdict.AGENT_RESTORED,
                as.from(),
                as.from(),
                "a history that was thought lost is there again");
    }

    private Resumption decide() {
        if (saved == null) {
            return owned.isEmpty()
                    ? whole(Verdict.BEGINS, start(), "")
                    : again(Verdict.MANAGER_BEHIND, owned.getFirst().from());
        }
        if (saved.epoch() != stream.epoch()) {
            return anotherStore();
        }
        Optional<Histories.Common> common =
                Histories.common(stream.lineage(), saved.lineage(), saved.through());
        if (common.isEmpty()) {
            String why = "no writer of this journal is known to both: nobody can tell what is new";
            return whole(Verdict.REFUSED, start(), why);
        }
        boolean parted = !common.get().newest() && common.get().upTo() < saved.through();
        return parted ? parted(common.get().upTo(), saved.through()) : behind(saved.through());
    }

    private Resumption anotherStore() {
        String why =
                "the agent's store is another one; what the old one held and nobody had is lost";
        if (stream.id().journal() == Journal.USAGE) {
            return whole(Verdict.REFUSED, start(), why + ", and rows may come once more");
        }
        return owned.isEmpty()
                ? whole(Verdict.AGENT_LOST, start(), why)
                : again(Verdict.AGENT_LOST, owned.getFirst().from());
    }

    private Resumption parted(long upTo, long through) {
        long from = Math.max(upTo, stream.first());
        String why =
                "histories part at %d: the agent has lost what the manager has up to %d"
                        .formatted(upTo, through);
        if (stream.id().journal() == Journal.USAGE) {
            return resumption(
                    Verdict.REFUSED, from, upTo, from, why + ", and rows may come once more");
        }
        return resumption(Verdict.AGENT_RESTORED, from, upTo, from, why);
    }

    private Resumption behind(long through) {
        for (Owners.Stretch stretch : owned) {
            if (stretch.through() > through) {
                return again(Verdict.MANAGER_BEHIND, Math.max(through, stretch.from()));
            }
        }
        long mine = Math.max(through, Math.min(known.position, stream.first()));
        if (mine < stream.first()) {
            return lost(mine, stream.first(), "the agent no longer holds it");
        }
        return whole(Verdict.RESUMES, through, "");
    }

    /** The manager lacks what it had acknowledged, from a position on. */
    private Resumption again(Verdict verdict, long missing) {
        if (missing < stream.first()) {
            long to = Math.min(stream.first(), owned.getLast().through());
            return lost(missing, to, "the manager had it, and the agent no longer holds it");
        }
        String why = "the manager had acknowledged up to %d".formatted(owned.getLast().through());
        boolean anew = saved == null || saved.epoch() != stream.epoch();
        return whole(verdict, anew || saved == null ? missing : saved.through(), why);
    }

    private Resumption lost(long from, long to, String why) {
        return resumption(Verdict.MANAGER_LOST_DATA, stream.first(), from, to, why);
    }

    private Resumption whole(Verdict verdict, long from, String why) {
        return resumption(verdict, from, from, from, why);
    }

    private long start() {
        return Math.max(stream.first(), known.position);
    }

    private Resumption resumption(
            Verdict verdict, long from, long lostFrom, long lostTo, String why) {
        return new Resumption(stream.id(), stream.epoch(), from, verdict, lostFrom, lostTo, why);
    }
}
