package io.narwhal.record;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a column of a usage file can be: a field of a record, or something that makes up one. */
public enum LineTarget {
    /** See {@link Field#EXPORTER}: the device that wrote the record. */
    EXPORTER(Field.EXPORTER, Shape.ADDRESS),
    /** See {@link Field#DOMAIN}. */
    DOMAIN(Field.DOMAIN, Shape.INTEGER),
    /** See {@link Field#SRC_ADDR}. */
    SRC_ADDR(Field.SRC_ADDR, Shape.ADDRESS),
    /** See {@link Field#DST_ADDR}. */
    DST_ADDR(Field.DST_ADDR, Shape.ADDRESS),
    /** See {@link Field#SRC_PORT}. */
    SRC_PORT(Field.SRC_PORT, Shape.INTEGER),
    /** See {@link Field#DST_PORT}. */
    DST_PORT(Field.DST_PORT, Shape.INTEGER),
    /** See {@link Field#PROTOCOL}. */
    PROTOCOL(Field.PROTOCOL, Shape.INTEGER),
    /** See {@link Field#TOS}. */
    TOS(Field.TOS, Shape.INTEGER),
    /** See {@link Field#TCP_FLAGS}. */
    TCP_FLAGS(Field.TCP_FLAGS, Shape.INTEGER),
    /** See {@link Field#IN_IF}. */
    IN_IF(Field.IN_IF, Shape.INTEGER),
    /** See {@link Field#OUT_IF}. */
    OUT_IF(Field.OUT_IF, Shape.INTEGER),
    /** See {@link Field#SRC_AS}. */
    SRC_AS(Field.SRC_AS, Shape.INTEGER),
    /** See {@link Field#DST_AS}. */
    DST_AS(Field.DST_AS, Shape.INTEGER),
    /** See {@link Field#NEXT_HOP}. */
    NEXT_HOP(Field.NEXT_HOP, Shape.ADDRESS),
    /** See {@link Field#SRC_MASK}. */
    SRC_MASK(Field.SRC_MASK, Shape.INTEGER),
    /** See {@link Field#DST_MASK}. */
    DST_MASK(Field.DST_MASK, Shape.INTEGER),
    /** See {@link Field#VLAN}. */
    VLAN(Field.VLAN, Shape.INTEGER),
    /** Customer charged, as the file says, instead of the customers table. */
    CUSTOMER(Field.CUSTOMER, Shape.TEXT),
    /** Subscriber charged. */
    SUBSCRIBER(Field.SUBSCRIBER, Shape.TEXT),
    /** Session charged. */
    SESSION_ID(Field.SESSION_ID, Shape.TEXT),
    /** Access server of the session. */
    NAS(Field.NAS, Shape.TEXT),
    /** Up or down, as seen from who is charged. */
    DIRECTION(Field.DIRECTION, Shape.DIRECTION),
    /** See {@link Field#SAMPLING_RATE}. */
    SAMPLING_RATE(Field.SAMPLING_RATE, Shape.INTEGER),
    /** See {@link Field#OCTETS}. */
    OCTETS(Field.OCTETS, Shape.OCTETS),
    /** See {@link Field#PACKETS}. */
    PACKETS(Field.PACKETS, Shape.COUNTER),
    /** Octets of the opposite direction: a row of its own, though no further record. */
    REVERSE_OCTETS(null, Shape.OCTETS),
    /** Packets of the opposite direction. */
    REVERSE_PACKETS(null, Shape.COUNTER),
    /** When it began. */
    START(Field.START, Shape.TIME),
    /** When it ended. */
    END(Field.END, Shape.TIME),
    /** How long it lasted: gives the start or the end where only the other is mapped. */
    DURATION(null, Shape.DURATION);

    /** How a value is written. */
    public enum Shape {
        /** IPv4 or IPv6. */
        ADDRESS,
        /** A number of a few bits. */
        INTEGER,
        /** A number of 63 bits. */
        COUNTER,
        /** As a counter, in a unit. */
        OCTETS,
        /** Characters. */
        TEXT,
        /** A point in time. */
        TIME,
        /** A length of time. */
        DURATION,
        /** Up or down. */
        DIRECTION
    }

    // Who is charged is then told by the file, and not looked up by address.
    private static final List<LineTarget> CHARGED =
            List.of(CUSTOMER, SUBSCRIBER, SESSION_ID, NAS, DIRECTION);

    private final @Nullable Field field;
    private final Shape shape;

    LineTarget(@Nullable Field field, Shape shape) {
        this.field = field;
        this.shape = shape;
    }

    /** As in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The field that it fills by itself; empty when it only has a part in others. */
    public Optional<Field> field() {
        return Optional.ofNullable(field);
    }

    /** See {@link Shape}. */
    public Shape shape() {
        return shape;
    }

    /** Whether it says whom the record is charged to. */
    public boolean isCharged() {
        return CHARGED.contains(this);
    }

    /** The target of that label. */
    public static Optional<LineTarget> of(String label) {
        return Arrays.stream(values()).filter(one -> one.label().equals(label)).findFirst();
    }
}
