package io.narwhal.component;

import io.narwhal.aggregate.Aggregation;
import io.narwhal.aggregate.Sums;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.enhance.Enhancement;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.session.ClientReport;
import io.narwhal.session.Session;
import io.narwhal.session.SessionWatcher;
import io.narwhal.session.Sessions;
import io.narwhal.session.SubscriberEnhancement;
import io.narwhal.wire.FlowDecoder;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The part of a lane that decodes, enhances and sums what some of the exporters sent. All datagrams
 * of one source address and port (by TCP and TLS, and of RADIUS clients: address) come to one
 * shard, so that templates, sequence numbers and sessions stay together. Shards share nothing that
 * changes: any thread may run any of them. What came by several paths goes by the address alone, so
 * that the same datagram comes to the same shard by whatever path.
 */
final class Shard implements Runnable {
    /** Shards of a lane: more than the threads that one host is likely to give it. */
    static final int COUNT = 32;

    private final int number;
    private final Lane.Work work;
    private final Columns columns;
    private final Books books;
    private final Books requests;
    private final Dictionary dictionary;
    private final FlowDecoder decoder;
    // Made with the first request, as most shards never see one.
    private @Nullable Sessions sessions;
    // Likewise with the first line of a file.
    private @Nullable Lines lines;
    private Enhancement enhancement;
    private final SubscriberEnhancement subscribers;
    private final Step step;
    private final ReceivedBlock received = new ReceivedBlock();
    private List<Sums> sums = List.of();
    private List<Sums> flowSums = List.of();
    private List<Sums> sessionSums = List.of();
    private long watermarkMs;
    private int sessionsFree;
    private int linesFree;
    private long lineBytesFree;

    /**
     * What the blocks of a lane must have.
     *
     * @param flows columns of flows
     * @param sessions columns of what sessions counted
     */
    record Columns(Set<Field> flows, Set<Field> sessions) {}

    private Shard(
            int number,
            Lane.Work work,
            Columns columns,
            Step step,
            Counted counted,
            Dictionary dictionary) {
        this.number = number;
        this.work = work;
        this.columns = columns;
        this.step = step;
        this.books = counted.flows();
        this.requests = counted.requests();
        this.dictionary = dictionary;
        this.enhancement = new Enhancement(work.customers(), dictionary);
        this.subscribers = new SubscriberEnhancement(work.holders(), dictionary);
        this.decoder =
                new FlowDecoder(
                        work.decoder(),
                        work.sampling(),
                        new RecordBlock(columns.flows()),
                        this::account,
                        books);
    }

    private record Counted(Books flows, Books requests) {}

    /** A shard that has seen nothing. */
    static Shard empty(int number, Lane.Work work, Columns columns, Step step) {
        var counted = new Counted(new Books(), new Books());
        return new Shard(number, work, columns, step, counted, new Dictionary());
    }

    /** The shard that {@link #snapshot} wrote, whose dictionary is the lane's to write. */
    static Shard restore(
            int number,
            Lane.Work work,
            Columns columns,
            Step step,
            Dictionary dictionary,
            StateReader in) {
        var counted = new Counted(Books.restore(in), Books.restore(in));
        var shard = new Shard(number, work, columns, step, counted, dictionary);
        shard.decoder.restore(in);
        if (in.getBoolean()) {
            shard.sessions().restore(in);
        }
        if (in.getBoolean()) {
            shard.lines().restore(in);
        }
        return shard;
    }

    private Lines lines() {
        Lines known = lines;
        if (known == null) {
            known =
                    new Lines(
                            work.lines(),
                            new RecordBlock(
                                    work.lines().isCharged()
                                            ? columns.sessions()
                                            : columns.flows()),
                            dictionary,
                            work.lines().isCharged() ? this::accountCharged : this::accountFlows);
            known.setRoom(linesFree, lineBytesFree);
            lines = known;
        }
        return known;
    }

    private Sessions sessions() {
        Sessions known = sessions;
        if (known == null) {
            known =
                    new Sessions(
                            work.sessions(),
                            new RecordBlock(columns.sessions()),
                            dictionary,
                            this::accountSessions,
                            requests,
                            SessionWatcher.NONE);
            known.setRoom(sessionsFree);
            sessions = known;
        }
        return known;
    }

    /** The number of the shard for the exporter of the current datagram. */
    static int of(ReceivedBlock received) {
        Source source = received.source();
        if (received.kind() == ReceivedBlock.Kind.LINES) {
            return (int) ((source.high() + source.path()) * 0x9e3779b97f4a7c15L >>> 59);
        }
        int port =
                received.kind() == ReceivedBlock.Kind.REQUESTS || source.path() > 0
                        ? 0
                        : FlowDecoder.exporterPort(
                                source, received.bytes(), received.offset(), received.length());
        long mixed = source.high() * 0x9e3779b97f4a7c15L + source.low();
        mixed = (mixed ^ mixed >>> 32) * 0x9e3779b97f4a7c15L + port;
        mixed = (mixed ^ mixed >>> 29) * 0xbf58476d1ce4e5b9L;
        return (int) (mixed >>> 59);
    }

    /** Says which sums it adds to. */
    void use(List<Aggregation> aggregations) {
        sums = aggregations.stream().map(one -> one.shard(number, dictionary)).toList();
        flowSums = sums.stream().filter(one -> one.definition().counts().flows()).toList();
        sessionSums = sums.stream().filter(one -> one.definition().counts().sessions()).toList();
    }

    /** Says how far the time of the step comes. */
    void setWatermark(long watermarkMs) {
        this.watermarkMs = watermarkMs;
    }

    /** Says how many more sessions there is room for. */
    void setRoom(int sessions) {
        sessionsFree = sessions;
        if (this.sessions != null) {
            this.sessions.setRoom(sessions);
        }
    }

    /** Says how many more lines can be held, and how many bytes of them. */
    void setLineRoom(int held, long heldBytes) {
        linesFree = held;
        lineBytesFree = heldBytes;
        if (lines != null) {
            lines.setRoom(held, heldBytes);
        }
    }

    /** Takes its datagrams of the step. */
    @Override
    public void run() {
        int datagrams = step.datagrams(number);
        for (int i = 0; i < datagrams; i++) {
            received.point(step.bytes(), step.blockAt(number, i), step.datagramAt(number, i));
            received.source().setPath(step.path(number, i));
            step.marks().decoding(number, step.mark(number, i), received);
            take();
            if (step.isAlone()) {
                flush(); // whatever it does, it does while it is in hand
            }
        }
        if (datagrams > 0) {
            step.marks().decoded(number);
        }
        decoder.flush();
        decoder.onWatermark(watermarkMs);
        decoder.flush();
        if (sessions != null) {
            sessions.onWatermark(watermarkMs);
            sessions.flush();
        }
        if (lines != null) {
            lines.flush();
        }
    }

    private void flush() {
        decoder.flush();
        if (sessions != null) {
            sessions.flush();
        }
    }

    /**
     * Books a datagram that is passed over, and of which nothing but its header may be looked at.
     */
    void hold(ReceivedBlock datagram) {
        Books kept = booksOf(datagram);
        kept.received().add(announced(datagram), 0, 0);
        kept.held().add(announced(datagram), 0, 0);
    }

    /** A datagram that is held is going to be taken once more. */
    void noLongerHeld(ReceivedBlock datagram) {
        Books kept = booksOf(datagram);
        kept.received().add(-announced(datagram), 0, 0);
        kept.held().add(-announced(datagram), 0, 0);
    }

    private Books booksOf(ReceivedBlock datagram) {
        return datagram.kind() == ReceivedBlock.Kind.REQUESTS ? requests : books;
    }

    // The records that the header announces, where all versions have that number in one place.
    private static int announced(ReceivedBlock datagram) {
        if (datagram.isFileMark()) {
            return 0;
        }
        if (!datagram.kind().equals(ReceivedBlock.Kind.DATAGRAMS) || datagram.length() < 4) {
            return 1;
        }
        byte[] bytes = datagram.bytes();
        int at = datagram.offset();
        return switch ((bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff) {
            case 1, 5, 7, 9 -> Math.max(1, (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff);
            default -> 1;
        };
    }

    private void take() {
        if (received.kind() == ReceivedBlock.Kind.LINES) {
            lines().onEntry(received);
        } else if (received.kind() != ReceivedBlock.Kind.REQUESTS && step.isAgain()) {
            decoder.decodeAgain(
                    received.bytes(),
                    received.offset(),
                    received.length(),
                    received.source(),
                    received.arrivalMicros());
        } else if (received.kind() != ReceivedBlock.Kind.REQUESTS) {
            decoder.decode(
                    received.bytes(),
                    received.offset(),
                    received.length(),
                    received.source(),
                    received.arrivalMicros());
        } else if (received.isRefusal()) {
            sessions().onRefusal(received.refusal(), received.source());
        } else {
            sessions()
                    .onRequest(
                            received.bytes(),
                            received.offset(),
                            received.length(),
                            received.source(),
                            received.arrivalMicros());
        }
    }

    /** Decodes the next part of the held data that is due. */
    void goOn() {
        decoder.goOn();
        decoder.flush();
    }

    private void account(RecordBlock block) {
        accountFlows(block);
        long[] packets = block.column(Field.PACKETS);
        long[] octets = block.column(Field.OCTETS);
        long packetSum = 0;
        long octetSum = 0;
        for (int i = 0; i < block.size(); i++) {
            packetSum += packets[i];
            octetSum += octets[i];
        }
        books.accounted().add(block.records(), packetSum, octetSum);
    }

    // Lines keep the books themselves.
    private void accountFlows(RecordBlock block) {
        enhancement.onBlock(block);
        subscribers.onBlock(block);
        for (Sums one : flowSums) {
            one.onBlock(block);
        }
    }

    // A line may name the customer itself; else it is the one at the end that used it.
    private void accountCharged(RecordBlock block) {
        enhancement.onBlock(block);
        if (block.has(Field.CUSTOMER) && !work.lines().tells(Field.CUSTOMER)) {
            long[] customers = block.column(Field.CUSTOMER);
            long[] up = block.column(Field.SRC_CUSTOMER);
            long[] down = block.column(Field.DST_CUSTOMER);
            long[] directions = block.column(Field.DIRECTION);
            for (int i = 0; i < block.size(); i++) {
                boolean isDown = directions[i] == Field.DOWN;
                long near = isDown ? down[i] : up[i];
                customers[i] = near != 0 ? near : isDown ? up[i] : down[i];
            }
        }
        for (Sums one : sessionSums) {
            one.onBlock(block);
        }
    }

    // The sessions keep the books themselves: a request may be none, one or two rows.
    private void accountSessions(RecordBlock block) {
        enhancement.onBlock(block);
        if (block.has(Field.CUSTOMER)) {
            long[] customers = block.column(Field.CUSTOMER);
            long[] up = block.column(Field.SRC_CUSTOMER);
            long[] down = block.column(Field.DST_CUSTOMER);
            for (int i = 0; i < block.size(); i++) {
                customers[i] = up[i] != 0 ? up[i] : down[i];
            }
        }
        for (Sums one : sessionSums) {
            one.onBlock(block);
        }
    }

    /**
     * Forgets the texts that nothing refers to any more, when they have become many: the names of
     * sessions come and go without end. Between steps.
     */
    void tidy() {
        if (!dictionary.isCrowded()) {
            return;
        }
        var used = new BitSet();
        sums.forEach(one -> one.markTexts(used));
        int[] numbers = dictionary.tidy(used);
        sums.forEach(one -> one.renumber(numbers));
        enhancement = new Enhancement(work.customers(), dictionary);
    }

    int number() {
        return number;
    }

    /** The counts of flow records, and of lines of files. */
    Books books() {
        if (lines == null) {
            return books;
        }
        var sum = new Books();
        sum.add(books);
        sum.add(lines.books());
        return sum;
    }

    /** The counts of RADIUS requests. */
    Books requests() {
        return requests;
    }

    /** What usages that count flows must have charged. */
    Tally flowsCounted() {
        var tally = new Tally();
        tally.add(books.accounted());
        if (lines != null) {
            tally.add(lines.flows());
        }
        return tally;
    }

    /** What usages that count sessions must have charged. */
    Tally begun() {
        var tally = new Tally();
        if (sessions != null) {
            tally.add(sessions.begun());
        }
        if (lines != null) {
            tally.add(lines.charged());
        }
        return tally;
    }

    /** What is known of files; null when there was none. */
    @Nullable Lines fileLines() {
        return lines;
    }

    /** Sessions known. */
    int sessionCount() {
        return sessions == null ? 0 : sessions.size();
    }

    Stream<Session> allSessions() {
        return sessions == null ? Stream.of() : sessions.sessions();
    }

    List<ClientReport> clients() {
        return sessions == null ? List.of() : sessions.clients();
    }

    FlowDecoder decoder() {
        return decoder;
    }

    Dictionary dictionary() {
        return dictionary;
    }

    void snapshot(StateWriter out) {
        books.snapshot(out);
        requests.snapshot(out);
        decoder.snapshot(out);
        out.putBoolean(sessions != null);
        if (sessions != null) {
            sessions.snapshot(out);
        }
        out.putBoolean(lines != null);
        if (lines != null) {
            lines.snapshot(out);
        }
    }
}
