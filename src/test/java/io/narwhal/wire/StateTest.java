package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Books;
import io.narwhal.record.RecordBlock;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The state of a decoder: what a checkpoint keeps of it (R19, R23). */
class StateTest {
    // All datagrams of all vectors as one stream: exporters, protocols, held data and errors mixed.
    private static List<Pcap.Datagram> longStream() throws IOException {
        List<Pcap.Datagram> stream = new ArrayList<>();
        for (Vector vector : Vector.readAll(VectorTest.FOLDER)) {
            stream.addAll(vector.datagrams());
        }
        return stream;
    }

    @Test
    void r23AKillAtEveryDatagramChangesNothing() throws IOException {
        var undisturbed = new Rig();
        var killed = new Rig();
        for (Pcap.Datagram datagram : longStream()) {
            undisturbed.decode(datagram);
            killed.decode(datagram);
            killed.killAndRestore();
            assertThat(killed.state()).isEqualTo(undisturbed.state());
        }
        undisturbed.decoder.onWatermark(1_800_000_000_000L);
        killed.decoder.onWatermark(1_800_000_000_000L);
        assertThat(killed.state()).isEqualTo(undisturbed.state());
        assertThat(killed.rows).hasSizeGreaterThan(50).isEqualTo(undisturbed.rows);
        assertThat(bytes(killed.books)).isEqualTo(bytes(undisturbed.books));
        assertThat(killed.decoder.exporters()).isEqualTo(undisturbed.decoder.exporters());
    }

    @Test
    void aStateOfAnotherVersionIsRefused() {
        byte[] state = new Rig().state();
        state[0] = 99;
        var decoder =
                new FlowDecoder(
                        DecoderLimits.DEFAULTS, RecordBlock.ofAllFields(), b -> {}, new Books());
        assertThatThrownBy(() -> decoder.restore(new StateReader(state)))
                .isInstanceOf(StateReader.Malformed.class)
                .hasMessageContaining("version 99");
    }

    private static byte[] bytes(Books books) {
        var out = new StateWriter(500);
        books.snapshot(out);
        return out.toBytes();
    }
}
