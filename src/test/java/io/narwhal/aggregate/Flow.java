package io.narwhal.aggregate;

import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import java.net.InetAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A record of a test: values as they are read, before texts become numbers. */
final class Flow {
    final Map<Field, Long> numbers = new EnumMap<>(Field.class);
    final Map<Field, InetAddress> addresses = new EnumMap<>(Field.class);
    boolean isReverse;
    final Map<Field, String> texts = new EnumMap<>(Field.class);

    static Flow at(long startMs, long endMs, long octets, long packets) {
        return new Flow()
                .with(Field.START, startMs)
                .with(Field.END, endMs)
                .with(Field.OCTETS, octets)
                .with(Field.PACKETS, packets);
    }

    Flow with(Field field, long value) {
        numbers.put(field, value);
        return this;
    }

    Flow with(Field field, String text) {
        if (field.kind() == Field.Kind.ADDRESS) {
            addresses.put(field, InetAddress.ofLiteral(text));
        } else {
            texts.put(field, text);
        }
        return this;
    }

    /** The reverse direction of the record before. */
    Flow reverse() {
        isReverse = true;
        return this;
    }

    long number(Field field) {
        return numbers.getOrDefault(field, 0L);
    }

    String text(Field field) {
        InetAddress address = addresses.get(field);
        return switch (field.kind()) {
            case ADDRESS ->
                    address == null
                            ? ""
                            : Addresses.text(Addresses.high(address), Addresses.low(address));
            case TEXT -> texts.getOrDefault(field, "");
            case INTEGER, TIME, DIRECTION, SAMPLING_SOURCE -> Long.toUnsignedString(number(field));
        };
    }

    static RecordBlock block(Set<Field> columns, List<Flow> flows, Dictionary dictionary) {
        var block = new RecordBlock(columns);
        for (int i = 0; i < flows.size(); i++) {
            block.present()[i] = flows.get(i).isReverse ? RecordBlock.REVERSE : 0;
            for (Field field : columns) {
                flows.get(i).write(block, i, field, dictionary);
            }
        }
        block.setSize(flows.size());
        return block;
    }

    private void write(RecordBlock block, int i, Field field, Dictionary dictionary) {
        if (field.kind() == Field.Kind.ADDRESS) {
            InetAddress address = addresses.get(field);
            block.highColumn(field)[i] = address == null ? 0 : Addresses.high(address);
            block.column(field)[i] = address == null ? 0 : Addresses.low(address);
        } else if (field.kind() == Field.Kind.TEXT) {
            block.column(field)[i] = dictionary.number(text(field));
        } else {
            block.column(field)[i] = number(field);
        }
    }
}
