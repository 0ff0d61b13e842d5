package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.SamplingSource;
import io.narwhal.record.Source;
import io.narwhal.record.Transport;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A decoder with books, and every record that it hands on as a map of texts. */
final class Rig {
    static final List<Field> FLOW_FIELDS =
            List.of(
                    Field.EXPORTER,
                    Field.DOMAIN,
                    Field.SRC_ADDR,
                    Field.DST_ADDR,
                    Field.SRC_PORT,
                    Field.DST_PORT,
                    Field.PROTOCOL,
                    Field.TOS,
                    Field.TCP_FLAGS,
                    Field.IN_IF,
                    Field.OUT_IF,
                    Field.SRC_AS,
                    Field.DST_AS,
                    Field.NEXT_HOP,
                    Field.SRC_MASK,
                    Field.DST_MASK,
                    Field.VLAN,
                    Field.OCTETS,
                    Field.PACKETS,
                    Field.START,
                    Field.END,
                    Field.SAMPLING_RATE,
                    Field.SAMPLING_SOURCE);

    /** One record. */
    record Row(Map<Field, String> values, long present) {
        String get(Field field) {
            return values.get(field);
        }

        /** As {@link #get}; of {@code -FIELD} nothing where it is absent. */
        String text(String key) {
            Field field = Field.of(key.replace("-", "")).orElseThrow();
            if (key.startsWith("-")) {
                return has(field) ? "there" : "";
            }
            return field == Field.SAMPLING_SOURCE
                    ? SamplingSource.of(Long.parseLong(get(field))).label()
                    : get(field);
        }

        boolean isReverse() {
            return present < 0;
        }

        boolean has(Field field) {
            return (present & field.bit()) != 0;
        }
    }

    final List<Row> rows = new ArrayList<>();

    /** What the witness saw of flows, and of other records; filled by {@link #watch} only. */
    final List<Map<String, Object>> seenFlows = new ArrayList<>();

    final List<Map<String, Object>> seenOthers = new ArrayList<>();
    final Books books;
    FlowDecoder decoder;
    private final DecoderLimits limits;
    private final List<SamplingRule> rules;

    Rig() {
        this(DecoderLimits.DEFAULTS);
    }

    Rig(DecoderLimits limits) {
        this(limits, List.of());
    }

    Rig(DecoderLimits limits, List<SamplingRule> rules) {
        this.limits = limits;
        this.rules = rules;
        this.books = new Books();
        this.decoder = newDecoder();
    }

    private final Source source = new Source();
    private int copiesMax;

    private FlowDecoder newDecoder() {
        return new FlowDecoder(limits, rules, RecordBlock.ofAllFields(), this::take, books);
    }

    private void take(RecordBlock block) {
        for (int i = 0; i < block.size(); i++) {
            Map<Field, String> values = new EnumMap<>(Field.class);
            for (Field field : FLOW_FIELDS) {
                long low = block.column(field)[i];
                values.put(
                        field,
                        field.kind() == Field.Kind.ADDRESS
                                ? Addresses.text(block.highColumn(field)[i], low)
                                : Long.toUnsignedString(low));
            }
            rows.add(new Row(values, block.present()[i]));
            books.accounted()
                    .add(
                            block.isReverse(i) ? 0 : 1,
                            block.column(Field.PACKETS)[i],
                            block.column(Field.OCTETS)[i]);
        }
    }

    /** Takes all rounds of held data whose template has come. */
    static void releaseAll(FlowDecoder decoder) {
        while (decoder.hasDue()) {
            decoder.goOn();
        }
    }

    void decode(Pcap.Datagram datagram) {
        decode(datagram, Transport.UDP);
    }

    /** From now on what comes by several paths is compared. */
    void compare(int datagrams) {
        copiesMax = datagrams;
        decoder.compareCopies(datagrams, 0);
    }

    /** As {@link #decode}, of what came by that path. */
    void via(int path, Pcap.Datagram datagram) {
        source.setPath(path);
        decode(datagram, Transport.UDP);
    }

    /** As {@link #via}, in a session. */
    void viaTcp(int path, Pcap.Datagram datagram) {
        source.setPath(path);
        decode(datagram, Transport.TCP);
    }

    void decode(Pcap.Datagram datagram, Transport transport) {
        byte[] payload = datagram.payload();
        decoder.decode(
                payload,
                0,
                payload.length,
                source.set(datagram.high(), datagram.low(), datagram.port(), 0, transport),
                datagram.arrivalMicros());
        releaseAll(decoder);
        decoder.flush();
    }

    /** From now on a witness notes the fields of every record. */
    void watch() {
        decoder.setWitness(
                new RecordWitness() {
                    @Override
                    public void onFlow(int row, Supplier<Map<String, Object>> fields) {
                        seenFlows.add(fields.get());
                    }

                    @Override
                    public void onOther(Kind kind, Supplier<Map<String, Object>> fields) {
                        seenOthers.add(fields.get());
                    }
                });
    }

    byte[] state() {
        var out = new StateWriter(1000);
        decoder.snapshot(out);
        return out.toBytes();
    }

    /** Goes on with a new decoder that has the state of the old one. */
    void killAndRestore() {
        byte[] state = state();
        decoder = newDecoder();
        var in = new StateReader(state);
        decoder.restore(in);
        in.expectEnd();
        if (copiesMax > 0) {
            decoder.compareCopies(copiesMax, 0);
        }
    }
}
