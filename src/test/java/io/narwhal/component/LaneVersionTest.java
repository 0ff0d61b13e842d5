package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.DecoderLimits;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/**
 * A context that the version before wrote is gone on with: {@code lane/version-4.bin} is one of a
 * release that knew no paths, with a template, data that waits for one, and total counters.
 */
class LaneVersionTest {
    private static final long ARRIVAL_MICROS = 1_795_341_920_000_000L;

    private static Lane.Work work() {
        return new Lane.Work(
                List.of(new UsageDefinition("by-source", List.of(Field.SRC_ADDR), 60_000, 5_000)),
                CustomerTable.empty(),
                DecoderLimits.DEFAULTS,
                AggregationLimits.DEFAULT,
                List.of(),
                SessionLimits.DEFAULTS);
    }

    private static byte[] before() {
        try (var in = LaneVersionTest.class.getResourceAsStream("/lane/version-4.bin")) {
            assertThat(in).isNotNull();
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void decode(Lane lane, String message) {
        byte[] payload = HexFormat.of().parseHex(message);
        ByteBuffer out = ByteBuffer.allocate(76 + payload.length);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.DATAGRAMS,
                        0,
                        0,
                        Transport.UDP,
                        1,
                        ARRIVAL_MICROS,
                        1,
                        1,
                        0,
                        5,
                        payload.length)
                .write(out);
        ReceivedBlock.writeDatagramHeader(
                out, payload.length, 2000, 0, Addresses.ofIpv4(0xc0000201));
        out.put(payload);
        lane.apply(out.array(), 0, out.capacity(), Crew.ALONE, _ -> {});
        lane.endStep(Crew.ALONE, _ -> {});
    }

    private static Tally tally(long records, long packets, long octets) {
        var tally = new Tally();
        tally.add(records, packets, octets);
        return tally;
    }

    @Test
    void aContextOfTheVersionBeforeIsGoneOnWith() {
        var in = new StateReader(before());
        var lane = new Lane(work(), in);
        in.expectEnd();
        assertThat(lane.books().accounted()).isEqualTo(tally(3, 3, 450));
        assertThat(lane.books().held().records()).isOne();
        assertThat(lane.paths().count()).isZero();

        // The template that the held set waits for; and the flow whose total was 50 has 80 now.
        decode(lane, "000a001c6b02be600000000300000007" + "0002000c0190000100010004");
        decode(lane, "000a00206b02be610000000300000007" + "01f40010000000070000000000000050");

        assertThat(lane.books().held().records()).isZero();
        assertThat(lane.books().accounted()).isEqualTo(tally(5, 3, 450 + 1 + 30));
        assertThat(lane.books().difference()).isEqualTo(new Tally());
    }

    @Test
    void itIsWrittenInThePresentVersionAndReadAgainToTheSameBytes() {
        byte[] now = state(new Lane(work(), new StateReader(before())));
        assertThat(now[0]).isEqualTo((byte) 5);
        assertThat(state(new Lane(work(), new StateReader(now)))).isEqualTo(now);
    }

    @Test
    void anyOtherVersionIsRefused() {
        for (byte version : new byte[] {3, 6}) {
            byte[] other = before();
            other[0] = version;
            assertThatThrownBy(() -> new Lane(work(), new StateReader(other)))
                    .isInstanceOf(StateReader.Malformed.class)
                    .hasMessageContaining("version " + version);
        }
    }

    private static byte[] state(Lane lane) {
        var out = new StateWriter(1_000);
        lane.snapshot(out);
        return out.toBytes();
    }
}
