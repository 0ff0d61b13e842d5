package io.narwhal.inspect;

import io.narwhal.radius.AccountingRequest;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Dictionaries;
import io.narwhal.radius.NamedAttributes;
import io.narwhal.radius.Status;
import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * RADIUS requests as records: one row each. Counters are what the request tells, which are totals
 * of its session, both directions together; what they mean for usage is not said here.
 */
final class RequestReading {
    private static final String STATUS = "status";

    private final AccountingRequest request = new AccountingRequest();
    private final RecordBlock block;
    private final Dictionary texts;
    private final NamedAttributes names;

    /**
     * Reads requests into a block.
     *
     * @param block with columns for all fields
     * @param texts numbers the texts of its columns
     */
    RequestReading(RecordBlock block, Dictionary texts, Dictionaries dictionaries) {
        this.block = block;
        this.texts = texts;
        this.names = new NamedAttributes(dictionaries);
    }

    /**
     * Appends the request that the received block points at.
     *
     * @return false when it is none: a note of what was refused, or a packet of another kind
     */
    boolean append(ReceivedBlock received) {
        if (received.isRefusal()
                || !request.read(received.bytes(), received.offset(), received.length())) {
            return false;
        }
        int row = block.size();
        block.setSize(row + 1);
        block.present()[row] = 0;
        for (Field field : block.wanted()) {
            put(field, row, 0, 0);
        }
        fill(row, received);
        return true;
    }

    private void fill(int row, ReceivedBlock received) {
        tell(Field.EXPORTER, row, received.source().high(), received.source().low());
        long eventMs = request.eventMs(received.arrivalMicros() / 1_000);
        tell(Field.START, row, 0, eventMs);
        tell(Field.END, row, 0, eventMs);
        text(Field.NAS, row, request.nas());
        text(Field.SUBSCRIBER, row, request.subscriber());
        text(Field.SESSION_ID, row, request.text(Attribute.ACCT_SESSION_ID));
        address(row);
        long up = octets(Attribute.ACCT_INPUT_OCTETS, Attribute.ACCT_INPUT_GIGAWORDS);
        long down = octets(Attribute.ACCT_OUTPUT_OCTETS, Attribute.ACCT_OUTPUT_GIGAWORDS);
        if (request.integer(Attribute.ACCT_INPUT_OCTETS) >= 0
                || request.integer(Attribute.ACCT_OUTPUT_OCTETS) >= 0) {
            tell(Field.OCTETS, row, 0, up + down);
        }
        long packetsUp = request.integer(Attribute.ACCT_INPUT_PACKETS);
        long packetsDown = request.integer(Attribute.ACCT_OUTPUT_PACKETS);
        if (packetsUp >= 0 || packetsDown >= 0) {
            tell(Field.PACKETS, row, 0, Math.max(0, packetsUp) + Math.max(0, packetsDown));
        }
    }

    private long octets(int type, int gigawordsType) {
        return Math.max(0, request.integer(gigawordsType)) << 32
                | Math.max(0, request.integer(type));
    }

    // The IPv4 address that was given, else the first other address, else the first prefix.
    private void address(int row) {
        int chosen = -1;
        for (int i = 0; i < request.addresses(); i++) {
            if (chosen < 0 || rank(i) < rank(chosen)) {
                chosen = i;
            }
        }
        if (chosen >= 0) {
            tell(Field.SRC_ADDR, row, request.addressHigh(chosen), request.addressLow(chosen));
            if (request.addressBits(chosen) < 128) {
                tell(Field.SRC_MASK, row, 0, request.addressBits(chosen));
            }
        }
    }

    private int rank(int number) {
        if (request.addressBits(number) < 128) {
            return 2;
        }
        return Addresses.isIpv4(request.addressHigh(number), request.addressLow(number)) ? 0 : 1;
    }

    private void text(Field field, int row, String text) {
        if (!text.isEmpty()) {
            tell(field, row, 0, texts.number(text));
        }
    }

    private void tell(Field field, int row, long high, long low) {
        block.present()[row] |= field.bit();
        put(field, row, high, low);
    }

    private void put(Field field, int row, long high, long low) {
        block.column(field)[row] = low;
        if (field.kind() == Field.Kind.ADDRESS) {
            block.highColumn(field)[row] = high;
        }
    }

    /** The status and all attributes of the request that was appended last, by name. */
    Supplier<Map<String, Object>> whole(ReceivedBlock received) {
        return () -> {
            Map<String, Object> attributes =
                    names.of(received.bytes(), received.offset(), received.length());
            Map<String, Object> whole = new LinkedHashMap<>();
            String status = status();
            if (!status.isEmpty()) {
                whole.put(STATUS, status);
            }
            attributes.forEach(whole::putIfAbsent);
            return whole;
        };
    }

    // In the words of RFC 2866 §5.1, whatever a dictionary calls it.
    private String status() {
        return switch (request.status()) {
            case Status.START -> "start";
            case Status.STOP -> "stop";
            case Status.INTERIM -> "interim-update";
            case Status.ON -> "accounting-on";
            case Status.OFF -> "accounting-off";
            case Status.OTHER -> other();
        };
    }

    private String other() {
        long code = request.integer(Attribute.ACCT_STATUS_TYPE);
        return code < 0
                ? ""
                : Dictionaries.shipped()
                        .valueName(Attribute.ACCT_STATUS_TYPE, code)
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .orElseGet(() -> Long.toString(code));
    }
}
