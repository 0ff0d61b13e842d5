package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.config.Section.Placed;
import io.narwhal.record.LineMapping;
import io.narwhal.record.LineTarget;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The directory of a collector of files, and what their columns mean. */
final class FilesCheck {
    private static final String ALL = "*";
    private static final String FIELD = "collectors.NAME.fields.FIELD";

    private static final List<Key> OURS =
            List.of(
                    Key.FILES_DIRECTORY,
                    Key.FILES_FILES,
                    Key.FILES_FORMAT,
                    Key.FILES_FIELDS,
                    Key.FILES_HEADER,
                    Key.FILES_SEPARATOR,
                    Key.FILES_QUOTE,
                    Key.FILES_SETTLE,
                    Key.FILES_DONE,
                    Key.FILES_LARGEST,
                    Key.FILES_REMEMBER);

    private static final List<Key> OF_SOCKETS =
            List.of(
                    Key.COLLECTOR_LISTEN,
                    Key.COLLECTOR_SOCKETS,
                    Key.COLLECTOR_RECEIVE_BUFFER,
                    Key.COLLECTOR_TRANSPORT,
                    Key.COLLECTOR_SESSIONS,
                    Key.COLLECTOR_TLS,
                    Key.COLLECTOR_CLIENTS,
                    Key.COLLECTOR_DICTIONARIES);

    private static final Map<String, Long> OCTETS =
            new TreeMap<>(
                    Map.of(
                            "B",
                            1L,
                            "kB",
                            1_000L,
                            "MB",
                            1_000_000L,
                            "GB",
                            1_000_000_000L,
                            "TB",
                            1_000_000_000_000L,
                            "KiB",
                            1L << 10,
                            "MiB",
                            1L << 20,
                            "GiB",
                            1L << 30,
                            "TiB",
                            1L << 40));
    private static final Map<String, Long> DURATIONS =
            new TreeMap<>(Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "hms", 0L));

    private final Disk disk;
    private final Problems problems;
    private final BiFunction<Section, Key, Optional<Placed<Path>>> path;
    // By directory and files: the collector that takes them.
    private final Map<String, String> seen = new TreeMap<>();

    FilesCheck(
            Disk disk, Problems problems, BiFunction<Section, Key, Optional<Placed<Path>>> path) {
        this.disk = disk;
        this.problems = problems;
        this.path = path;
    }

    /** Reports what means something for files alone. */
    void refuse(Section collector) {
        for (Key key : OURS) {
            if (collector.has(key)) {
                problems.error(
                        collector.placeOf(key),
                        "'%s' means nothing but with protocol: files; remove it",
                        key.label());
            }
        }
    }

    /** What stands there of files, tried as far as it can be without one. */
    FilesConfig read(Section collector) {
        for (Key key : OF_SOCKETS) {
            if (collector.has(key)) {
                problems.error(
                        collector.placeOf(key),
                        "'%s' means nothing with protocol: files, which receives nothing; remove"
                                + " it",
                        key.label());
            }
        }
        Optional<Placed<Path>> directory = path.apply(collector, Key.FILES_DIRECTORY);
        directory
                .filter(one -> !disk.exists(one.value()))
                .ifPresent(
                        one ->
                                problems.warn(
                                        one.at(),
                                        "%s does not exist; nothing is taken until it does",
                                        one.value()));
        List<FilesConfig.Constant> constants = new ArrayList<>();
        LineMapping mapping = mapping(collector, constants);
        var files =
                new FilesConfig(
                        directory.map(Placed::value).orElse(Path.of("")),
                        collector.placedText(Key.FILES_FILES).map(Placed::value).orElse(ALL),
                        mapping,
                        constants,
                        collector.quantity(Key.FILES_SETTLE),
                        collector.choice(Key.FILES_DONE).equals("move"),
                        collector.quantity(Key.FILES_LARGEST),
                        collector.quantity(Key.FILES_REMEMBER));
        directory.ifPresent(_ -> reportTwice(collector, files));
        return files;
    }

    private LineMapping mapping(Section collector, List<FilesConfig.Constant> constants) {
        var format =
                LineMapping.Format.valueOf(
                        collector.choice(Key.FILES_FORMAT).toUpperCase(Locale.ROOT));
        if (format == LineMapping.Format.JSON) {
            for (Key key : List.of(Key.FILES_HEADER, Key.FILES_SEPARATOR, Key.FILES_QUOTE)) {
                if (collector.has(key)) {
                    problems.error(
                            collector.placeOf(key),
                            "'%s' means nothing with format: json; remove it",
                            key.label());
                }
            }
        }
        boolean header = collector.choice(Key.FILES_HEADER).equals("true");
        boolean numbers = format == LineMapping.Format.CSV && !header;
        List<LineMapping.Column> columns = new ArrayList<>();
        for (Section field : collector.columns(Key.FILES_FIELDS, FIELD, Key.FIELD_COLUMN)) {
            target(field)
                    .ifPresent(
                            target -> {
                                columns.add(column(field, target, numbers));
                                field.placedText(Key.FIELD_VALUE)
                                        .map(one -> constant(target, one))
                                        .ifPresent(constants::add);
                            });
        }
        together(collector, columns);
        return new LineMapping(
                format,
                mark(collector, Key.FILES_SEPARATOR, ','),
                mark(collector, Key.FILES_QUOTE, '"'),
                header,
                columns);
    }

    private static FilesConfig.Constant constant(LineTarget target, Placed<String> text) {
        return new FilesConfig.Constant(target, text.at().line(), text.at().column());
    }

    private Optional<LineTarget> target(Section field) {
        Optional<LineTarget> target = LineTarget.of(field.name());
        if (target.isEmpty()) {
            List<String> labels =
                    Arrays.stream(LineTarget.values()).map(LineTarget::label).toList();
            problems.error(
                    field.at(),
                    "unknown field '%s'; %s",
                    field.name(),
                    Nearest.to(field.name(), labels)
                            .map("did you mean '%s'?"::formatted)
                            .orElse("files can fill: " + String.join(", ", labels)));
        }
        return target;
    }

    private LineMapping.Column column(Section field, LineTarget target, boolean numbers) {
        List<Placed<String>> sources = field.placedTexts(Key.FIELD_COLUMN);
        if (!field.has(Key.FIELD_COLUMN) && !field.has(Key.FIELD_VALUE)) {
            problems.error(
                    field.at(),
                    "%s has neither 'column' nor 'value'; add column: %s",
                    field.path(),
                    Key.FIELD_COLUMN.example());
        }
        for (Placed<String> source : sources) {
            if (numbers && !source.value().matches("[1-9][0-9]{0,3}")) {
                problems.error(
                        source.at(),
                        "'%s' is no number of a column, and without a header columns have no names;"
                                + " say which it is, from 1, or header: true",
                        source.value());
            }
        }
        return new LineMapping.Column(
                target,
                sources.stream().map(Placed::value).toList(),
                field.placedText(Key.FIELD_VALUE).map(Placed::value).orElse(null),
                unit(field, target),
                time(field, target));
    }

    private long unit(Section field, LineTarget target) {
        Map<String, Long> units =
                switch (target.shape()) {
                    case OCTETS -> OCTETS;
                    case DURATION -> DURATIONS;
                    case ADDRESS, INTEGER, COUNTER, TEXT, TIME, DIRECTION -> Map.of();
                };
        String first = target.shape() == LineTarget.Shape.DURATION ? "s" : "B";
        if (units.isEmpty()) {
            refuse(field, Key.FIELD_UNIT, "has no unit");
            return 1;
        }
        Optional<Placed<String>> said = field.placedText(Key.FIELD_UNIT);
        if (said.isPresent() && !units.containsKey(said.get().value())) {
            problems.error(
                    said.get().at(),
                    "'%s' is no unit of %s; say one of %s",
                    said.get().value(),
                    target.label(),
                    String.join(", ", units.keySet()));
            return 1;
        }
        Long unit = units.get(said.map(Placed::value).orElse(first));
        return unit == null ? 1 : unit;
    }

    private LineMapping.@Nullable Time time(Section field, LineTarget target) {
        if (target.shape() != LineTarget.Shape.TIME) {
            refuse(field, Key.FIELD_FORMAT, "is no time");
            refuse(field, Key.FIELD_ZONE, "is no time");
            return null;
        }
        Optional<Placed<String>> format = field.placedText(Key.FIELD_FORMAT);
        String text = format.map(Placed::value).orElse(Key.FIELD_FORMAT.defaultText());
        var form = form(text);
        boolean isPattern = form == LineMapping.Time.Form.PATTERN;
        var time = new LineMapping.Time(form, isPattern ? text : "", zone(field));
        if (isPattern) {
            time.problem()
                    .ifPresent(
                            why ->
                                    problems.error(
                                            field.placeOf(Key.FIELD_FORMAT),
                                            "'%s' gives no point in time: %s; say iso, s, ms, us,"
                                                    + " ns or a pattern such as %s",
                                            text,
                                            why,
                                            Key.FIELD_FORMAT.example()));
        }
        return time;
    }

    private static LineMapping.Time.Form form(String text) {
        return switch (text) {
            case "iso" -> LineMapping.Time.Form.ISO;
            case "s" -> LineMapping.Time.Form.S;
            case "ms" -> LineMapping.Time.Form.MS;
            case "us" -> LineMapping.Time.Form.US;
            case "ns" -> LineMapping.Time.Form.NS;
            default -> LineMapping.Time.Form.PATTERN;
        };
    }

    private ZoneId zone(Section field) {
        Optional<Placed<String>> zone = field.placedText(Key.FIELD_ZONE);
        if (zone.isEmpty()) {
            return ZoneOffset.UTC;
        }
        try {
            return ZoneId.of(zone.get().value());
        } catch (DateTimeException _) {
            problems.error(
                    zone.get().at(),
                    "'%s' is no time zone; say UTC, an offset such as +01:00, or a region such as"
                            + " %s",
                    zone.get().value(),
                    Key.FIELD_ZONE.example());
            return ZoneOffset.UTC;
        }
    }

    private void refuse(Section field, Key key, String why) {
        if (field.has(key)) {
            problems.error(
                    field.placeOf(key),
                    "'%s' means nothing here, as %s %s; remove it",
                    key.label(),
                    field.name(),
                    why);
        }
    }

    private void together(Section collector, List<LineMapping.Column> columns) {
        List<LineTarget> targets = columns.stream().map(LineMapping.Column::target).toList();
        boolean hasStart = targets.contains(LineTarget.START);
        boolean hasEnd = targets.contains(LineTarget.END);
        if (hasStart && hasEnd && targets.contains(LineTarget.DURATION)) {
            problems.error(
                    collector.placeOf(Key.FILES_FIELDS),
                    "%s has 'start', 'end' and 'duration', of which two say it all; remove one",
                    collector.path() + ".fields");
        }
        if (!columns.isEmpty() && !hasStart && !hasEnd) {
            problems.warn(
                    collector.placeOf(Key.FILES_FIELDS),
                    "without 'start' and 'end' usage counts when its file is read; add end: time");
        }
    }

    private char mark(Section collector, Key key, char otherwise) {
        Optional<Placed<String>> text = collector.placedText(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        String mark = text.get().value();
        if (key == Key.FILES_QUOTE && mark.equals("none")) {
            return 0;
        }
        if (mark.length() != 1
                || mark.charAt(0) >= 127
                || mark.charAt(0) < ' ' && !mark.equals("\t")) {
            problems.error(
                    text.get().at(),
                    "%s must be one ASCII character, not '%s'",
                    collector.path() + "." + key.label(),
                    mark);
            return otherwise;
        }
        return mark.charAt(0);
    }

    // Two collectors of the same files would count their lines twice.
    private void reportTwice(Section collector, FilesConfig files) {
        String first = seen.putIfAbsent(files.directory() + "\n" + files.files(), collector.name());
        if (first != null) {
            problems.error(
                    collector.placeOf(Key.FILES_DIRECTORY),
                    "'%s' takes the same files as '%s', and would count them twice; give each its"
                            + " own directory",
                    collector.name(),
                    first);
        }
    }
}
