package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Tally;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Random streams, dropped, doubled and reordered within the windows, against a model that knows
 * which messages there were (R34, R35, R38); the decoder dies and is restored at every message.
 */
class SequenceOracleTest {
    private static final int STREAMS = 25;
    private static final int MESSAGES = 400;
    private static final int DISPLACED_MAX = 60;

    /** A protocol, and how it is written. */
    enum Kind {
        V5,
        V9,
        IPFIX
    }

    /** One message as it was sent. */
    private record Sent(int number, int units, int records, byte[] bytes) {}

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatIsMissingDoubledAndCountedIsWhatWasDroppedDoubledAndSent(Kind kind) {
        long seed = Long.getLong("narwhal.seed", 20_260_301L);
        System.out.println("SequenceOracleTest: -Dnarwhal.seed=" + seed);
        for (int stream = 0; stream < STREAMS; stream++) {
            run(kind, new Random(seed + stream), seed + stream);
        }
    }

    private static void run(Kind kind, Random random, long seed) {
        List<Sent> sent = sent(kind, random);
        List<Sent> arriving = arriving(sent, random);
        var rig = new Rig();
        long nowMs = 1_700_000_000_000L;
        for (Sent one : arriving) {
            rig.decode(Ipfix.from(1, nowMs++, one.bytes));
            rig.killAndRestore();
        }
        List<Sent> distinct = arriving.stream().distinct().toList();
        ExporterReport report = rig.decoder.exporters().getFirst();
        assertThat(report.missing()).as("seed %d", seed).isEqualTo(missing(sent, distinct));
        assertThat(report.resets()).as("seed %d", seed).isZero();
        assertThat(report.duplicates())
                .as("seed %d", seed)
                .isEqualTo(arriving.size() - distinct.size());
        assertThat(report.received())
                .as("seed %d", seed)
                .isEqualTo(distinct.stream().mapToLong(Sent::units).sum());
        long records = distinct.stream().mapToLong(Sent::records).sum();
        assertThat(rig.books.accounted().records()).isEqualTo(records);
        assertThat(rig.books.duplicate().records())
                .isEqualTo(arriving.stream().mapToLong(Sent::records).sum() - records);
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    // Numbers between the first that arrived and the newest; the others nobody can know.
    private static long missing(List<Sent> sent, List<Sent> arrived) {
        int first = arrived.getFirst().number;
        Sent last = arrived.stream().max(Comparator.comparing(one -> one.number - first)).get();
        return sent.stream()
                .filter(one -> one.number - first >= 0 && one.number - last.number < 0)
                .filter(one -> !arrived.contains(one))
                .mapToLong(Sent::units)
                .sum();
    }

    private static List<Sent> sent(Kind kind, Random random) {
        int number = random.nextInt(3) == 0 ? -random.nextInt(2000) : random.nextInt();
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            int records = 1 + random.nextInt(12);
            Sent one =
                    switch (kind) {
                        case V5 ->
                                new Sent(
                                        number,
                                        records,
                                        records,
                                        Ipfix.v5(number, records, i * 100));
                        case V9 -> v9(number, i, records);
                        case IPFIX -> ipfix(number, i, records, random);
                    };
            sent.add(one);
            number += one.units;
        }
        return sent;
    }

    private static Sent v9(int number, int i, int records) {
        Ipfix out = Ipfix.v9(number);
        if (i % 50 == 0) {
            out.template(256);
        }
        return new Sent(number, 1, records, out.data(256, records, i * 100).bytes());
    }

    private static Sent ipfix(int number, int i, int records, Random random) {
        Ipfix out = Ipfix.message(number);
        if (i % 50 == 0) {
            out.template(256).optionsTemplate(257, 42);
        }
        if (i > 0 && random.nextInt(10) == 0) {
            // Templates alone: the number of the message that follows. No two with equal bytes.
            return new Sent(number, 0, 0, out.template(300 + i).bytes());
        }
        int options = random.nextInt(5) == 0 ? 1 : 0;
        if (options > 0) {
            out.data(257, 1, i);
        }
        byte[] bytes = out.data(256, records, i * 100).bytes();
        return new Sent(number, records + options, records, bytes);
    }

    // The first stays first, as it has the templates.
    private static List<Sent> arriving(List<Sent> sent, Random random) {
        record Arrival(double at, Sent message) {}
        List<Arrival> arrivals = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) {
            double at = i == 0 ? -1 : i;
            if (i > 0 && random.nextInt(8) == 0) {
                continue;
            }
            boolean late = i > 0 && random.nextInt(4) == 0;
            arrivals.add(new Arrival(late ? at + random.nextInt(DISPLACED_MAX) : at, sent.get(i)));
            if (random.nextInt(6) == 0) {
                arrivals.add(new Arrival(i + random.nextInt(DISPLACED_MAX) + 0.5, sent.get(i)));
            }
        }
        arrivals.sort(Comparator.comparingDouble(Arrival::at));
        return arrivals.stream().map(Arrival::message).toList();
    }
}
