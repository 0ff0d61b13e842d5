package io.narwhal.cli;

import io.narwhal.inspect.ReceivedRecords;
import io.narwhal.wire.RecordWitness;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which records {@code narwhal records} prints: {@code --kind}. */
enum RecordKind {
    /** Flow records. */
    FLOWS(new ReceivedRecords.Kinds(true, Set.of())),
    /** Options records. */
    OPTIONS(new ReceivedRecords.Kinds(false, Set.of(RecordWitness.Kind.OPTIONS))),
    /** Counter samples. */
    COUNTERS(new ReceivedRecords.Kinds(false, Set.of(RecordWitness.Kind.COUNTERS))),
    /** All of them. */
    ALL(new ReceivedRecords.Kinds(true, EnumSet.allOf(RecordWitness.Kind.class)));

    private final ReceivedRecords.Kinds kinds;

    RecordKind(ReceivedRecords.Kinds kinds) {
        this.kinds = kinds;
    }

    ReceivedRecords.Kinds kinds() {
        return kinds;
    }

    /** As users write it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The labels, and back from them. */
    static final class Choices implements Iterable<String>, ITypeConverter<RecordKind> {
        private static final List<String> LABELS =
                Arrays.stream(values()).map(RecordKind::label).toList();

        @Override
        public Iterator<String> iterator() {
            return LABELS.iterator();
        }

        @Override
        public RecordKind convert(String text) {
            if (!LABELS.contains(text)) {
                throw new TypeConversionException(
                        "'" + text + "' is not " + String.join(" or ", LABELS));
            }
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }
}
