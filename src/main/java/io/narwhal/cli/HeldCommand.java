package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.HeldItems;
import io.narwhal.record.HeldItem;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code narwhal held}: what was set aside, and how it is taken once more. */
@Command(
        name = "held",
        mixinStandardHelpOptions = true,
        description = {
            "List what was set aside: datagrams that were being decoded when accounting died,"
                    + " twice; and lines of files that could not be read.",
            "",
            "Each is kept as it was received, is booked as held, and waits until it is recycled."
                    + " Everything else goes on without it."
        },
        synopsisSubcommandLabel = "[recycle]",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, also when nothing is held",
            "1:nothing is held under that ID",
            "2:wrong options or configuration"
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal held",
            "  narwhal held --show flows-81920-3",
            "  narwhal held recycle flows-81920-3",
            "  narwhal held recycle --all"
        })
final class HeldCommand implements Callable<Integer> {
    private static final int DUMP_BYTES = 16;

    private final Console console;
    private final Disk disk = Disk.system();

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConfigOption option = new ConfigOption();

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    @Option(names = "--show", paramLabel = "ID", description = "Show this one with all its bytes.")
    private @Nullable String show;

    HeldCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        List<HeldItem> items = HeldItems.of(config, disk);
        if (show != null) {
            Optional<HeldItem> wanted = find(items, show);
            if (wanted.isEmpty()) {
                return unknown(show);
            }
            show(wanted.get());
        } else if (printing.format == Format.JSON) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("held", items.stream().map(HeldCommand::json).toList());
            Json.write(console.out(), json);
        } else {
            table(items);
        }
        return ExitCode.OK;
    }

    @Command(
            name = "recycle",
            mixinStandardHelpOptions = true,
            description = {
                "Ask accounting to take what is held once more, after whatever was wrong has been"
                        + " mended.",
                "",
                "The request is kept on disk: accounting does it within a second or two, or when it"
                    + " next runs. What then is as it should be is accounted, once, and no longer"
                    + " held; what kills accounting twice again is held again."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:accounting is asked",
                "1:nothing is held under one of the IDs: nothing was asked for",
                "2:wrong options or configuration"
            },
            footer = {
                "",
                "Examples:",
                "",
                "  narwhal held recycle flows-81920-3",
                "  narwhal held recycle --all --config narwhal.yaml"
            })
    int recycle(
            @Parameters(
                            paramLabel = "ID",
                            arity = "0..*",
                            description = "As narwhal held lists it.")
                    @Nullable List<String> ids,
            @Option(names = "--all", description = "All that is held.") boolean all,
            @Mixin ConfigOption chosen)
            throws IOException {
        if (all == (ids != null && !ids.isEmpty())) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).subcommands().get("recycle"),
                    "name what to recycle: either IDs or --all");
        }
        ConfigOption named = chosen.file == null ? option : chosen;
        NodeConfig config = named.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        List<HeldItem> items = HeldItems.of(config, disk);
        List<HeldItem> wanted = new ArrayList<>();
        for (String id : all || ids == null ? List.<String>of() : ids) {
            Optional<HeldItem> item = find(items, id);
            if (item.isEmpty()) {
                return unknown(id);
            }
            wanted.add(item.get());
        }
        List<HeldItem> asked = all ? items : wanted;
        HeldItems.recycle(config, disk, asked);
        console.out()
                .write(
                        asked.isEmpty()
                                ? "nothing is held\n"
                                : asked.size()
                                        + " to be recycled; accounting does it when it runs. See"
                                        + " what is left with: narwhal held\n");
        return ExitCode.OK;
    }

    private static Optional<HeldItem> find(List<HeldItem> items, String id) {
        return items.stream().filter(item -> item.id().equals(id)).findFirst();
    }

    private int unknown(String id) {
        console.err().println("narwhal: nothing is held as " + id + "; see: narwhal held");
        return ExitCode.FAILURE;
    }

    private void table(List<HeldItem> items) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("id"),
                        Column.text("lane"),
                        Column.text("since"),
                        Column.text("what"),
                        Column.text("place"),
                        Column.number("bytes"),
                        Column.text("reason"))) {
            for (HeldItem item : items) {
                rows.row(
                        item.id(),
                        item.lane(),
                        since(item),
                        item.what(),
                        item.place(),
                        item.bytes().length,
                        item.reason());
            }
        }
    }

    private static Instant since(HeldItem item) {
        return Instant.EPOCH.plus(item.sinceMicros(), ChronoUnit.MICROS);
    }

    private void show(HeldItem item) throws IOException {
        if (printing.format == Format.JSON) {
            Map<String, @Nullable Object> json = json(item);
            json.put("hex", HexFormat.of().formatHex(item.bytes()));
            Json.write(console.out(), json);
            return;
        }
        var out = console.out();
        out.write("id      " + item.id() + "\n");
        out.write("lane    " + item.lane() + "\n");
        out.write("since   " + since(item) + "\n");
        out.write("what    " + item.what() + "\n");
        out.write("place   " + item.place() + "\n");
        out.write("reason  " + item.reason() + "\n");
        out.write("bytes   " + item.bytes().length + "\n\n");
        for (int at = 0; at < item.bytes().length; at += DUMP_BYTES) {
            out.write(line(item.bytes(), at));
        }
    }

    private static String line(byte[] bytes, int from) {
        var hex = new StringBuilder();
        var text = new StringBuilder();
        for (int i = from; i < Math.min(from + DUMP_BYTES, bytes.length); i++) {
            HexFormat.of().toHexDigits(hex, bytes[i]);
            hex.append(' ');
            text.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
        }
        return String.format("%04x  %-48s %s%n", from, hex, text);
    }

    private static Map<String, @Nullable Object> json(HeldItem item) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", item.id());
        json.put("lane", item.lane());
        json.put("since", since(item).toString());
        json.put("what", item.what());
        json.put("place", item.place());
        json.put("bytes", item.bytes().length);
        json.put("reason", item.reason());
        return json;
    }
}
