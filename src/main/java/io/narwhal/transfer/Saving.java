package io.narwhal.transfer;

import java.util.Map;

/**
 * The manager's store, as the transfer sees it. Called on the one thread that owns the {@link
 * Manager}; nothing here waits.
 */
public interface Saving {
    /**
     * What is saved of the link's agent, everything appended included: asked for once, when the
     * link is added. From then on the link folds into this object whatever it appends, so the store
     * may write it into its checkpoint whenever it likes. It is told to an agent only when all that
     * the link appended is forced ({@link Manager#forced}).
     */
    Positions positions(String link);

    /** What is saved of every link of which anything is, also of those not configured any more. */
    default Map<String, Positions> known() {
        return Map.of();
    }

    /**
     * Takes data that is the next of its stream: appends it, does not force it. Data with a gap has
     * no frames; with {@link FromAgent.AccountingData#elsewhere()} nothing is missing, another
     * manager of the group has it. Data with {@link FromAgent.AccountingData#possibleDuplicateOf()}
     * (and frames) is parked: it counts only when {@link #resolve} says so. The positions of the
     * link are folded on by the link, after this.
     */
    void append(String link, FromAgent.AccountingData data);

    /**
     * Why data can never be saved as this node is configured, in a sentence that says what to
     * change; empty when it can. Asked before {@link #append}, which it must not break.
     */
    default String refusal(FromAgent.AccountingData data) {
        return "";
    }

    /** Frames that are saved already came once more and were dropped. */
    void duplicate(String link, FromAgent.AccountingData data);

    /**
     * A stream goes on elsewhere than behind what is saved: its histories part, or something is
     * lost. The positions of the link were set already. Called once for each verdict but BEGINS and
     * RESUMES. To be appended like data (a stretch without frames), so that what it says of a loss
     * is saved with the position that it leads to; not forced.
     */
    void resumed(String link, Resumption resumption);

    /**
     * Parked data is decided: dropped, or appended to what counts; what is not parked (any more) is
     * left alone. Not forced.
     */
    void resolve(String link, FromAgent.Resolve resolve);

    /** What may be asked for now over all links, so that it can be saved; zero: nothing. */
    Room room();

    /** Something to be logged and shown. */
    void note(String link, TransferEvent event);

    /** What can be taken. */
    record Room(long records, long bytes) {}
}
