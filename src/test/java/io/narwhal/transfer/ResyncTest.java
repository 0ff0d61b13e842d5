package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Lost and reborn: what is found, and where a journal goes on. */
class ResyncTest {
    private static final StreamId RECEIVED = new StreamId(Journal.RECEIVED, "flows");
    private static final StreamId USAGE = new StreamId(Journal.USAGE, "flows");
    private static final Incarnation A = new Incarnation(11, 0);
    private static final Incarnation B = new Incarnation(12, 100);
    private static final Incarnation C = new Incarnation(13, 180);

    private static Stream stream(StreamId id, long first, long end, Incarnation... lineage) {
        return new Stream(id, 7, List.of(lineage), first, end);
    }

    private static Saved saved(long epoch, long through, Incarnation... lineage) {
        return new Saved(RECEIVED, epoch, through, List.of(lineage));
    }

    private static StreamState acknowledged(long through) {
        StreamState state = new StreamState(7);
        state.acknowledged(11, 0, through, "m");
        return state;
    }

    private static void found(
            Stream stream,
            @Nullable Saved saved,
            StreamState known,
            Verdict verdict,
            long from,
            long lostFrom,
            long lostTo) {
        Resumption found = Resync.decide(stream, saved, known, "m");
        Resumption expected =
                new Resumption(stream.id(), 7, from, verdict, lostFrom, lostTo, found.detail());
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void thePageNamesEachVerdict() throws IOException {
        List<List<String>> rows = TransferDocument.table("verdict | found how", 0);
        assertThat(rows.subList(1, rows.size()))
                .extracting(List::getFirst)
                .containsExactlyElementsOf(
                        Arrays.stream(Verdict.values()).map(Enum::name).toList());
    }

    @Test
    void aManagerThatHasNothingBeginsAtTheOldestThatIsHeld() {
        found(
                stream(RECEIVED, 40, 200, A, B),
                null,
                new StreamState(7),
                Verdict.BEGINS,
                40,
                40,
                40);
    }

    @Test
    void theSameWritersResume() {
        Saved saved = saved(7, 150, A, B);
        found(
                stream(RECEIVED, 0, 200, A, B),
                saved,
                acknowledged(150),
                Verdict.RESUMES,
                150,
                150,
                150);
        found(
                stream(RECEIVED, 0, 200, A, B),
                saved,
                new StreamState(7),
                Verdict.RESUMES,
                150,
                150,
                150);
    }

    @Test
    void anotherEpochIsAStoreThatWasLost() {
        Saved saved = saved(6, 900, A);
        found(stream(RECEIVED, 0, 50, B), saved, new StreamState(7), Verdict.AGENT_LOST, 0, 0, 0);
        found(stream(USAGE, 0, 50, B), saved, new StreamState(7), Verdict.REFUSED, 0, 0, 0);
    }

    @Test
    void aWriterThatTheManagerDoesNotKnowShowsWhereHistoriesPart() {
        Saved saved = saved(7, 250, A, B);
        Stream received = stream(RECEIVED, 0, 300, A, B, C);
        found(received, saved, new StreamState(7), Verdict.AGENT_RESTORED, 180, 180, 180);
        Stream usage = stream(USAGE, 0, 300, A, B, C);
        found(usage, saved, new StreamState(7), Verdict.REFUSED, 180, 180, 180);
        Stream trimmed = stream(RECEIVED, 220, 300, A, B, C);
        found(trimmed, saved, new StreamState(7), Verdict.AGENT_RESTORED, 220, 180, 220);
    }

    @Test
    void anAgentThatNobodyHasWrittenSinceWaits() {
        Saved saved = saved(7, 250, A, B);
        found(
                stream(RECEIVED, 0, 180, A, B),
                saved,
                new StreamState(7),
                Verdict.RESUMES,
                250,
                250,
                250);
    }

    @Test
    void aManagerThatWasPutBackIsSentHeldCopiesAgainAndToldWhatIsGone() {
        Saved saved = saved(7, 50, A);
        StreamState known = acknowledged(120);
        found(stream(RECEIVED, 20, 200, A, B), saved, known, Verdict.MANAGER_BEHIND, 50, 50, 50);
        found(stream(RECEIVED, 80, 200, A, B), saved, known, Verdict.MANAGER_LOST_DATA, 80, 50, 80);
        found(stream(RECEIVED, 0, 200, A, B), null, known, Verdict.MANAGER_BEHIND, 0, 0, 0);
        found(
                stream(RECEIVED, 150, 200, A, B),
                null,
                known,
                Verdict.MANAGER_LOST_DATA,
                150,
                0,
                120);
    }

    @Test
    void whenNoWriterIsKnownToBothAnAdministratorDecides() {
        Saved saved = saved(7, 250, new Incarnation(99, 200));
        found(stream(RECEIVED, 0, 300, A, B), saved, new StreamState(7), Verdict.REFUSED, 0, 0, 0);
    }
}
