package io.narwhal.inspect;

import io.narwhal.inspect.ReceivedRecords.Kinds;
import io.narwhal.inspect.ReceivedRecords.WholeSink;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.wire.FlowDecoder;
import io.narwhal.wire.RecordWitness;
import io.narwhal.wire.Registry;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the exporters sent of the records of one block, kept until the block is taken, and of other
 * records, passed on in their place between the blocks.
 */
final class WholeReading implements RecordWitness {
    /** A block is handed on after so many octets, however few records they made. */
    static final int OCTETS_MAX = 256 << 10;

    private final Kinds kinds;
    private final WholeSink sink;
    private final Registry registry;
    private final List<Map<String, Object>> fields = new ArrayList<>();
    private @Nullable FlowDecoder decoder;
    private @Nullable ReceivedBlock received;
    private boolean isWanted;
    private boolean isEnough;
    private long octets;

    WholeReading(Kinds kinds, WholeSink sink, Registry registry) {
        this.kinds = kinds;
        this.sink = sink;
        this.registry = registry;
    }

    /** Looks at what this decoder reads from now on. */
    void attach(FlowDecoder decoder, ReceivedBlock received) {
        this.decoder = decoder;
        this.received = received;
        this.isWanted = false;
        decoder.setWitness(this, registry);
    }

    /** Whether the records that come are wanted. */
    void want(boolean isWanted) {
        this.isWanted = isWanted;
    }

    /**
     * A datagram was decoded: its records may be many, and those of many datagrams too many.
     *
     * @return whether the sink wants no more
     */
    boolean decoded(int datagramOctets) {
        octets += datagramOctets;
        if (octets >= OCTETS_MAX && decoder != null) {
            decoder.flush();
            octets = 0;
        }
        return isEnough;
    }

    boolean onBlock(RecordBlock block) {
        while (fields.size() < block.size()) {
            fields.add(Map.of());
        }
        isEnough |= kinds.flows() && !sink.onBlock(block, fields);
        return !isEnough;
    }

    /**
     * The block is done with.
     *
     * @return whether the sink wants no more
     */
    boolean taken() {
        fields.clear();
        octets = 0;
        return isEnough;
    }

    @Override
    public void onFlow(int row, Supplier<Map<String, Object>> supplier) {
        if (!isWanted || isEnough || !kinds.flows()) {
            return;
        }
        while (fields.size() <= row) {
            fields.add(Map.of());
        }
        fields.set(row, supplier.get());
    }

    @Override
    public void onOther(Kind kind, Supplier<Map<String, Object>> supplier) {
        if (!isWanted || isEnough || !kinds.others().contains(kind)) {
            return;
        }
        if (kinds.flows() && decoder != null) {
            decoder.flush(); // the flows before it come before it
        }
        if (!isEnough && received != null) {
            Map<String, Object> record = new LinkedHashMap<>();
            record.put("kind", kind.name().toLowerCase(Locale.ROOT));
            record.put(
                    "exporter", Addresses.text(received.source().high(), received.source().low()));
            record.put(
                    "arrival",
                    Instant.EPOCH.plus(received.arrivalMicros(), ChronoUnit.MICROS).toString());
            supplier.get().forEach(record::putIfAbsent);
            isEnough = !sink.onOther(record);
        }
    }
}
