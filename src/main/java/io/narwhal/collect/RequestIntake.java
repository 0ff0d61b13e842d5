package io.narwhal.collect;

import io.narwhal.base.Answers;
import io.narwhal.base.DiskFull;
import io.narwhal.base.InFlight;
import io.narwhal.journal.JournalFull;
import io.narwhal.radius.Clients;
import io.narwhal.record.ReceivedBlock;

import org.jspecify.annotations.Nullable;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One socket of a collector whose requests are answered once they are safe (RFC 2866 §2). One
 * thread at a time.
 *
 * <p>A step receives a batch, appends it and goes on while the kernel queues more, up to {@link
 * #BATCHES_MAX}; then it forces the journal, once for all of them, and only then sends the answers.
 * With one request outstanding nothing waits but for the force; with many, they share it. Killed
 * before the force, none of them was answered, and their senders ask again; what was journalled of
 * them is told from what comes again further on.
 */
public final class RequestIntake implements DatagramIntake {
    /** Batches that are forced and answered together at the most. */
    public static final int BATCHES_MAX = 16;

    private final Collector collector;
    private final SocketArea place;
    private final InFlight area;
    private final Answers answers;
    private final RequestBatch batch;
    private final RefusalLog refusals;
    // Slots of the area that hold a batch which is not in the journal yet.
    private int slots;
    // What of the journal must be safe before the answers that were put may leave; 0: nothing.
    private long safeAt;
    private int put;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong unsent = new AtomicLong();
    private final AtomicLong queries = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /**
     * An intake that has received nothing yet; {@link #recover} comes first.
     *
     * @param clients this intake's own
     * @param log takes lines about refused packets; secrets do not stand in them
     */
    public RequestIntake(
            Collector collector, SocketArea place, Clients clients, Consumer<String> log) {
        this.collector = collector;
        this.place = place;
        this.area = place.area();
        this.answers = place.answers();
        this.batch = new RequestBatch(clients);
        this.refusals = new RefusalLog(log, place.clock());
    }

    /**
     * Brings what a predecessor left in the area into the journal, once. Nothing of it is answered:
     * which of it was sent again meanwhile nobody knows, and what was not will be.
     */
    public Intake.Found recover(UUID boot, Intake.JournalAt journal) {
        return place.recover(
                boot,
                journal,
                ReceivedBlock.Kind.REQUESTS,
                () -> {
                    batch.verify(area, InFlight.SLOTS, false);
                    if (batch.entries() > 0) {
                        collector.append(area, batch, place.origin());
                    }
                });
    }

    /** As {@link DatagramIntake#step}; also when it throws, what is safe has been answered. */
    @Override
    public int step(int timeoutMs) {
        int entries = 0;
        RuntimeException full = null;
        for (int batches = 0; batches < BATCHES_MAX && answers.hasRoom(); batches++) {
            if (slots == 0) {
                slots = answers.receive(batches == 0 ? timeoutMs : 0);
            }
            if (slots == 0) {
                break;
            }
            full = take();
            if (full != null) {
                break;
            }
            entries += batch.entries();
        }
        answerWhatIsSafe();
        refusals.tell();
        if (full != null) {
            throw full;
        }
        return entries;
    }

    /** Appends what stands in the area and puts its answers; what there was no room for stays. */
    private @Nullable RuntimeException take() {
        batch.verify(area, slots, true);
        if (batch.entries() > 0) {
            try {
                long end = collector.append(area, batch, place.origin());
                safeAt = batch.requests() > 0 ? end : safeAt;
            } catch (DiskFull | JournalFull full) {
                return full;
            }
        }
        put += batch.answer(area, answers);
        area.clear(slots);
        slots = 0;
        count();
        return null;
    }

    private void count() {
        queries.addAndGet(batch.queries());
        for (int i = 0; i < batch.notes(); i++) {
            refused.addAndGet(batch.note(i).packets());
        }
        refusals.add(batch);
    }

    private void answerWhatIsSafe() {
        if (put == 0) {
            return;
        }
        if (safeAt > 0) {
            collector.makeSafe(safeAt);
        }
        int sent = answers.send();
        answered.addAndGet(sent);
        unsent.addAndGet(put - sent);
        put = 0;
        safeAt = 0;
    }

    @Override
    public boolean isHolding() {
        return slots > 0;
    }

    @Override
    public void tick() {
        collector.mark(ReceivedBlock.Kind.TICK, place.origin());
    }

    /** Journals that nothing more will come. */
    @Override
    public void close() {
        collector.mark(ReceivedBlock.Kind.CLOSE, place.origin());
    }

    /** Lets go of the memory for answers; nothing may be received any more. */
    public void release() {
        answers.close();
    }

    /** Answers that the kernel took, those to queries included. */
    public long answered() {
        return answered.get();
    }

    /** Answers that the kernel did not take: their senders ask again. */
    public long unsent() {
        return unsent.get();
    }

    /** Status-Server packets that came (RFC 5997); they are answered and not journalled. */
    public long queries() {
        return queries.get();
    }

    /** Packets that were refused. */
    public long refused() {
        return refused.get();
    }
}
