package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import java.util.ArrayList;
import java.util.List;

/** An operator under test, its rows, its books and what its watcher saw. */
final class Desk {
    /** The time that tests count from, s since 1970. */
    static final long ZERO = 1_700_000_000;

    static final SessionLimits LIMITS = new SessionLimits(1_000, 86_400_000, 7_200_000);

    /** A row of usage; times in s since {@link #ZERO}. */
    record Row(
            String id,
            String user,
            String nas,
            long direction,
            boolean isCounted,
            long octets,
            long packets,
            long start,
            long end,
            String source,
            String destination,
            String exporter) {}

    final SessionLimits limits;
    final Source source = new Source().set(0, Addresses.ofIpv4(0x0a000001), 1024, 0, Transport.UDP);
    final List<Row> rows = new ArrayList<>();
    final List<String> seen = new ArrayList<>();
    final Books books = new Books();
    final Dictionary dictionary = new Dictionary();
    Sessions sessions;

    Desk() {
        this(LIMITS);
    }

    Desk(SessionLimits limits) {
        this.limits = limits;
        sessions = fresh();
    }

    private Sessions fresh() {
        var watcher =
                new SessionWatcher() {
                    @Override
                    public void onSession(long number, Session session) {
                        seen.add(number + " " + session.sessionId() + " " + session.state());
                    }

                    @Override
                    public void onForgotten(long number) {
                        seen.add(number + " forgotten");
                    }
                };
        return new Sessions(
                limits, RecordBlock.ofAllFields(), dictionary, this::take, books, watcher);
    }

    private void take(RecordBlock block) {
        for (int i = 0; i < block.size(); i++) {
            rows.add(
                    new Row(
                            text(block, Field.SESSION_ID, i),
                            text(block, Field.SUBSCRIBER, i),
                            text(block, Field.NAS, i),
                            block.column(Field.DIRECTION)[i],
                            !block.isReverse(i),
                            block.column(Field.OCTETS)[i],
                            block.column(Field.PACKETS)[i],
                            block.column(Field.START)[i] / 1000 - ZERO,
                            block.column(Field.END)[i] / 1000 - ZERO,
                            address(block, Field.SRC_ADDR, i),
                            address(block, Field.DST_ADDR, i),
                            address(block, Field.EXPORTER, i)));
            assertThat(block.column(Field.START)[i])
                    .isLessThanOrEqualTo(block.column(Field.END)[i]);
            assertThat(block.column(Field.CUSTOMER)[i] | block.column(Field.SAMPLING_RATE)[i])
                    .isZero();
        }
    }

    private String text(RecordBlock block, Field field, int row) {
        return dictionary.text((int) block.column(field)[row]);
    }

    private static String address(RecordBlock block, Field field, int row) {
        return Addresses.text(block.highColumn(field)[row], block.column(field)[row]);
    }

    /** Sends a request that arrives so many seconds after {@link #ZERO}. */
    Desk send(double arrival, Packet packet) {
        return send(arrival, packet.build());
    }

    Desk send(double arrival, byte[] bytes) {
        put(arrival, bytes);
        check();
        return this;
    }

    /** As {@link #send(double, byte[])}, without looking at the books. */
    void put(double arrival, byte[] bytes) {
        sessions.onRequest(bytes, 0, bytes.length, source, (long) ((ZERO + arrival) * 1e6));
        sessions.flush();
    }

    Desk watermark(double arrival) {
        sessions.onWatermark((long) ((ZERO + arrival) * 1000));
        return this;
    }

    /** What must hold after every call. */
    void check() {
        assertThat(books.difference()).isEqualTo(new Tally());
        var charged = new Tally();
        for (Row row : rows) {
            charged.add(row.isCounted() ? 1 : 0, row.packets(), row.octets());
        }
        assertThat(sessions.begun()).isEqualTo(charged);
        assertThat(books.accounted().octets()).isEqualTo(charged.octets());
        assertThat(books.accounted().packets()).isEqualTo(charged.packets());
    }

    /** Takes the state through bytes. */
    Desk restart() {
        byte[] before = state();
        sessions = fresh();
        var in = new StateReader(before);
        sessions.restore(in);
        in.expectEnd();
        assertThat(state()).isEqualTo(before);
        return this;
    }

    byte[] state() {
        var out = new StateWriter(0);
        sessions.snapshot(out);
        return out.toBytes();
    }

    /** Octets from the subscriber, over all rows. */
    long up() {
        return sum(Field.UP);
    }

    long down() {
        return sum(Field.DOWN);
    }

    private long sum(int direction) {
        return rows.stream().filter(r -> r.direction() == direction).mapToLong(Row::octets).sum();
    }

    long counted() {
        return rows.stream().filter(Row::isCounted).count();
    }

    List<Session> all() {
        return sessions.sessions().toList();
    }

    List<Session.State> states() {
        return all().stream().map(Session::state).toList();
    }

    ClientReport client() {
        return sessions.clients().stream()
                .filter(report -> !report.nas().isEmpty())
                .findFirst()
                .orElseThrow();
    }
}
