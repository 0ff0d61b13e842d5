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
import io.narwhal.wire.FlowDecoder;

import java.util.List;
import java.util.Set;

/**
 * The part of a lane that decodes, enhances and sums what some of the exporters sent. All datagrams
 * of one source address and port (by TCP and TLS: address) come to one shard, so that templates and
 * sequence numbers stay together. Shards share nothing that changes: any thread may run any of
 * them.
 */
final class Shard implements Runnable {
    /** Shards of a lane: more than the threads that one host is likely to give it. */
    static final int COUNT = 32;

    private final int number;
    private final Books books;
    private final Dictionary dictionary;
    private final FlowDecoder decoder;
    private final Enhancement enhancement;
    private final Step step;
    private final ReceivedBlock received = new ReceivedBlock();
    private List<Sums> sums = List.of();
    private long watermarkMs;

    private Shard(
            int number,
            Lane.Work work,
            Set<Field> columns,
            Step step,
            Books books,
            Dictionary dictionary) {
        this.number = number;
        this.step = step;
        this.books = books;
        this.dictionary = dictionary;
        this.enhancement = new Enhancement(work.customers(), dictionary);
        this.decoder =
                new FlowDecoder(
                        work.decoder(),
                        work.sampling(),
                        new RecordBlock(columns),
                        this::account,
                        books);
    }

    /** A shard that has seen nothing. */
    static Shard empty(int number, Lane.Work work, Set<Field> columns, Step step) {
        return new Shard(number, work, columns, step, new Books(), new Dictionary());
    }

    /** The shard that {@link #snapshot} wrote, whose dictionary is the lane's to write. */
    static Shard restore(
            int number,
            Lane.Work work,
            Set<Field> columns,
            Step step,
            Dictionary dictionary,
            StateReader in) {
        var shard = new Shard(number, work, columns, step, Books.restore(in), dictionary);
        shard.decoder.restore(in);
        return shard;
    }

    /** The number of the shard for the exporter of the current datagram. */
    static int of(ReceivedBlock received) {
        Source source = received.source();
        int port =
                FlowDecoder.exporterPort(
                        source, received.bytes(), received.offset(), received.length());
        long mixed = source.high() * 0x9e3779b97f4a7c15L + source.low();
        mixed = (mixed ^ mixed >>> 32) * 0x9e3779b97f4a7c15L + port;
        mixed = (mixed ^ mixed >>> 29) * 0xbf58476d1ce4e5b9L;
        return (int) (mixed >>> 59);
    }

    /** Says which sums it adds to. */
    void use(List<Aggregation> aggregations) {
        sums = aggregations.stream().map(one -> one.shard(number, dictionary)).toList();
    }

    /** Says how far the time of the step comes. */
    void setWatermark(long watermarkMs) {
        this.watermarkMs = watermarkMs;
    }

    /** Takes its datagrams of the step. */
    @Override
    public void run() {
        int datagrams = step.datagrams(number);
        for (int i = 0; i < datagrams; i++) {
            received.point(step.bytes(), step.blockAt(number, i), step.datagramAt(number, i));
            decoder.decode(
                    received.bytes(),
                    received.offset(),
                    received.length(),
                    received.source(),
                    received.arrivalMicros());
        }
        decoder.flush();
        decoder.onWatermark(watermarkMs);
        decoder.flush();
    }

    /** Decodes the next part of the held data that is due. */
    void goOn() {
        decoder.goOn();
        decoder.flush();
    }

    private void account(RecordBlock block) {
        enhancement.onBlock(block);
        long[] packets = block.column(Field.PACKETS);
        long[] octets = block.column(Field.OCTETS);
        long packetSum = 0;
        long octetSum = 0;
        for (int i = 0; i < block.size(); i++) {
            packetSum += packets[i];
            octetSum += octets[i];
        }
        for (Sums one : sums) {
            one.onBlock(block);
        }
        books.accounted().add(block.records(), packetSum, octetSum);
    }

    int number() {
        return number;
    }

    Books books() {
        return books;
    }

    FlowDecoder decoder() {
        return decoder;
    }

    Dictionary dictionary() {
        return dictionary;
    }

    void snapshot(StateWriter out) {
        books.snapshot(out);
        decoder.snapshot(out);
    }
}
