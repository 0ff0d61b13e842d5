package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageDefinition.Counts;
import io.narwhal.record.UsageRows;
import io.narwhal.session.ClientReport;
import io.narwhal.session.Session;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.DecoderLimits;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A lane whose journal has RADIUS requests. */
final class RequestLaneTest {
    private static final long HOUR_MS = 3_600_000;
    private static final long BEGIN_MS = 1_795_341_600_000L; // a full hour
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.US_ASCII);
    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");
    private static final UsageDefinition BY_SESSION =
            new UsageDefinition(
                    "by-session",
                    List.of(Field.SESSION_ID, Field.DIRECTION),
                    HOUR_MS,
                    HOUR_MS,
                    false,
                    Counts.SESSIONS);
    private static final UsageDefinition BY_CUSTOMER =
            new UsageDefinition(
                    "by-customer",
                    List.of(Field.CUSTOMER, Field.SUBSCRIBER),
                    HOUR_MS,
                    HOUR_MS,
                    false,
                    Counts.SESSIONS);
    private static final UsageDefinition FLOWS =
            new UsageDefinition("flows", List.of(Field.SRC_ADDR), HOUR_MS, HOUR_MS);

    private final List<UsageRows> rows = new ArrayList<>();
    private Lane lane = new Lane(work(SessionLimits.DEFAULTS));
    private long journalled;

    private static Lane.Work work(SessionLimits limits) {
        byte[] csv = "prefix,customer\n10.0.0.0/8,bakery\n".getBytes(StandardCharsets.UTF_8);
        var table = ((CustomerTable.Outcome.Loaded) CustomerTable.read("t", csv)).table();
        return new Lane.Work(
                List.of(BY_SESSION, BY_CUSTOMER, FLOWS),
                table,
                DecoderLimits.DEFAULTS,
                AggregationLimits.DEFAULT,
                List.of(),
                limits);
    }

    private static byte[] request(int status, String session, long atMs, long up, long down) {
        byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
        int length =
                new RequestWriter()
                        .begin(packet, 0, 1)
                        .integer(Attribute.ACCT_STATUS_TYPE, status)
                        .text(Attribute.ACCT_SESSION_ID, session)
                        .text(Attribute.USER_NAME, "alice")
                        .text(Attribute.NAS_IDENTIFIER, "bng")
                        .ipv4(Attribute.FRAMED_IP_ADDRESS, 0x0a000001)
                        .integer(Attribute.EVENT_TIMESTAMP, atMs / 1000)
                        .integer(Attribute.ACCT_INPUT_OCTETS, up)
                        .integer(Attribute.ACCT_OUTPUT_OCTETS, down & 0xffff_ffffL)
                        .integer(Attribute.ACCT_OUTPUT_GIGAWORDS, down >>> 32)
                        .end(SECRET);
        return Arrays.copyOf(packet, length);
    }

    private void apply(long arrivalMs, byte[]... requests) {
        apply(arrivalMs, 0, requests);
    }

    private void apply(long arrivalMs, int refused, byte[]... requests) {
        var out = ByteBuffer.allocate(100_000);
        journalled += requests.length;
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.REQUESTS,
                        0,
                        0,
                        Transport.UDP,
                        requests.length + (refused > 0 ? 1 : 0),
                        arrivalMs * 1000,
                        1,
                        1,
                        0,
                        journalled,
                        0)
                .write(out);
        for (byte[] request : requests) {
            ReceivedBlock.writeDatagramHeader(
                    out, request.length, 2000, Addresses.high(CLIENT), Addresses.low(CLIENT));
            out.put(request);
        }
        if (refused > 0) {
            new ReceivedBlock.Refusal(Reason.BAD_AUTHENTICATOR, refused, 100)
                    .write(out, Addresses.high(CLIENT), Addresses.low(CLIENT));
        }
        lane.apply(out.array(), 0, out.position(), Crew.ALONE, rows::add);
        lane.endStep(Crew.ALONE, rows::add);
    }

    private List<String> texts(UsageDefinition definition) {
        rows.clear();
        lane.aggregations().stream()
                .filter(one -> one.definition().equals(definition))
                .forEach(one -> one.openRows(rows::add));
        List<String> texts = new ArrayList<>();
        for (UsageRows frame : rows) {
            for (int row = 0; row < frame.size(); row++) {
                texts.add(
                        "%s %s %s: %d octets %d flows"
                                .formatted(
                                        (frame.binStartMs(row) - BEGIN_MS) / HOUR_MS,
                                        frame.text(row, 0),
                                        frame.text(row, 1),
                                        frame.octets(row),
                                        frame.flows(row)));
            }
        }
        return texts;
    }

    @Test
    void whatASessionCountedIsSpreadOverItsHoursAndSumsToItsLastCounter() {
        long laterMs = BEGIN_MS + 2 * HOUR_MS;
        apply(BEGIN_MS, request(1, "s1", BEGIN_MS, 0, 0));
        apply(laterMs - 2, request(3, "s1", laterMs, 2_000, 5L << 32));
        apply(laterMs - 1, request(3, "s1", laterMs, 2_000, 5L << 32));

        assertThat(texts(BY_SESSION))
                .containsExactlyInAnyOrder(
                        "0 s1 up: 1000 octets 1 flows",
                        "1 s1 up: 1000 octets 0 flows",
                        "0 s1 down: " + (5L << 31) + " octets 0 flows",
                        "1 s1 down: " + (5L << 31) + " octets 0 flows");
        assertThat(texts(BY_CUSTOMER))
                .containsExactly(
                        "0 bakery alice: " + (1_000 + (5L << 31)) + " octets 1 flows",
                        "1 bakery alice: " + (1_000 + (5L << 31)) + " octets 0 flows");
        assertThat(texts(FLOWS)).isEmpty();
    }

    @Test
    void theBooksBalanceAndWhatIsChargedIsWhatWasCounted() {
        apply(BEGIN_MS, 7, request(1, "s1", BEGIN_MS, 0, 0), request(9, "s1", BEGIN_MS, 0, 0));
        apply(BEGIN_MS + 9, request(2, "s1", BEGIN_MS + 1_000, 10, 20));
        apply(BEGIN_MS + 99, request(2, "s1", BEGIN_MS + 1_000, 10, 20));

        assertThat(lane.books().received()).isEqualTo(tally(4 + 7, 0, 30));
        assertThat(lane.books().accounted()).isEqualTo(tally(2, 0, 30));
        assertThat(lane.books().duplicate()).isEqualTo(tally(1, 0, 0));
        assertThat(lane.books().rejected(Reason.BAD_AUTHENTICATOR)).isEqualTo(tally(7, 0, 0));
        assertThat(lane.books().rejected(Reason.UNKNOWN_STATUS)).isEqualTo(tally(1, 0, 0));
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        assertThat(lane.losses().datagrams()).isEqualTo(lane.losses().datagramsJournalled());
        for (var aggregation : lane.aggregations()) {
            assertThat(aggregation.charged())
                    .as(aggregation.definition().name())
                    .isEqualTo(lane.expected(aggregation.definition()));
        }
        assertThat(lane.expected(BY_SESSION)).isEqualTo(tally(1, 0, 30));
        assertThat(lane.sessions())
                .singleElement()
                .extracting(Session::state, Session::outputOctets)
                .containsExactly(Session.State.STOPPED, 20L);
        assertThat(lane.clients())
                .as("a device that is not genuine has no name")
                .extracting(ClientReport::nas)
                .containsExactly("", "bng");
    }

    @Test
    void aRestartBetweenAnyTwoRequestsChangesNothing() {
        apply(BEGIN_MS, request(1, "s1", BEGIN_MS, 0, 0));
        apply(BEGIN_MS + 1, request(3, "s1", BEGIN_MS + 60_000, 10, 20));
        List<String> before = texts(BY_SESSION);
        StateWriter state = state(lane);
        lane = new Lane(work(SessionLimits.DEFAULTS), new StateReader(state.toBytes()));
        lane.settle(rows::add);

        assertThat(state(lane).toBytes()).isEqualTo(state.toBytes());
        assertThat(texts(BY_SESSION)).isEqualTo(before);
        apply(BEGIN_MS + 2, request(3, "s1", BEGIN_MS + 60_000, 10, 20));
        assertThat(lane.books().duplicate().records()).isEqualTo(1);
        assertThat(texts(BY_SESSION)).isEqualTo(before);
    }

    @Test
    void whatAnotherKindOfUsageCountedStaysItsOwnWhenAUsageChangesItsKind() {
        apply(BEGIN_MS, request(2, "s1", BEGIN_MS, 5, 6));
        StateWriter state = state(lane);
        var flows = new UsageDefinition("by-session", BY_SESSION.keys(), HOUR_MS, HOUR_MS);
        var changed =
                new Lane.Work(
                        List.of(flows),
                        CustomerTable.empty(),
                        DecoderLimits.DEFAULTS,
                        AggregationLimits.DEFAULT,
                        List.of(),
                        SessionLimits.DEFAULTS);
        lane = new Lane(changed, new StateReader(state.toBytes()));
        lane.settle(rows::add);
        Tally charged = lane.aggregations().getFirst().charged();
        charged.add(lane.losses().retired("by-session"));
        assertThat(charged).isEqualTo(lane.expected(flows)).isEqualTo(tally(1, 0, 11));
    }

    @Test
    void aSessionTooManyIsRejectedAndTheOthersGoOn() {
        lane = new Lane(work(new SessionLimits(2, HOUR_MS, HOUR_MS)));
        apply(BEGIN_MS, request(1, "s1", BEGIN_MS, 0, 0), request(1, "s2", BEGIN_MS, 0, 0));
        apply(BEGIN_MS + 1, request(1, "s3", BEGIN_MS, 0, 0));
        apply(BEGIN_MS + 2, request(2, "s2", BEGIN_MS + 5_000, 1, 1));
        assertThat(lane.books().rejected(Reason.SESSION_LIMIT).records()).isEqualTo(1);
        assertThat(lane.books().accounted()).isEqualTo(tally(3, 0, 2));
        assertThat(lane.books().difference()).isEqualTo(new Tally());
    }

    @Test
    void namesOfSessionsThatAreNoLongerOpenAreForgotten() {
        byte[][] requests = new byte[100][];
        int sessions = 0;
        while (sessions < 70_000) {
            long atMs = BEGIN_MS + sessions / 10_000 * 3 * HOUR_MS;
            for (int i = 0; i < requests.length; i++) {
                requests[i] = request(2, "session " + sessions++, atMs, 1, 1);
            }
            apply(atMs, requests);
        }
        int crowded = state(lane).size();
        apply(BEGIN_MS + 100 * HOUR_MS, request(2, "last", BEGIN_MS + 100 * HOUR_MS, 1, 1));
        assertThat(state(lane).size()).isLessThan(crowded / 2);
        assertThat(lane.aggregations().getFirst().charged())
                .isEqualTo(tally(70_001, 0, 2 * 70_001));
    }

    private static StateWriter state(Lane lane) {
        var state = new StateWriter(1 << 16);
        lane.snapshot(state);
        return state;
    }

    private static Tally tally(long records, long packets, long octets) {
        var tally = new Tally();
        tally.add(records, packets, octets);
        return tally;
    }
}
