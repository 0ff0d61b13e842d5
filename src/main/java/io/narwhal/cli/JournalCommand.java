package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.journal.JournalVerifier;
import io.narwhal.journal.Verified;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code narwhal journal}: its commands are methods, as each is a few lines. */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        description = "Look after the journals on disk.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "", "  narwhal journal verify ./data"})
final class JournalCommand implements Callable<Integer> {
    private static final List<String> SEGMENT_SUFFIXES = List.of(".seg", ".segz");
    private static final String PUBLISHED = "published";

    /** Directories below the one that is named; a data directory has journals at the third. */
    private static final int DEPTH_MAX = 16;

    /** A segment was trimmed away between listing and reading it, again and again. */
    private static final int TRIES = 5;

    private final Console console;
    private final Disk disk = Disk.system();

    @Spec private @Nullable CommandSpec spec;

    JournalCommand(Console console) {
        this.console = console;
    }

    /** One journal and what was found in it. */
    private record Checked(Path journal, Verified verified) {}

    /** Without a subcommand: the help, as with {@code narwhal} alone. */
    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getOut());
        return ExitCode.OK;
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Check every byte of a journal, or of all journals below a directory.",
                "",
                "Changes nothing and needs no configuration; a node may run meanwhile. Each damage"
                    + " is told as FILE:BYTE: what is wrong. What was still being written when a"
                    + " process died (torn) is no damage: it was never promised."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:every journal is whole",
                "1:there is damage, or no journal",
                "2:wrong options"
            },
            footer = {"", "Example:", "", "  narwhal journal verify ./data"})
    int verify(
            @Parameters(
                            paramLabel = "DIR",
                            description =
                                    "A journal's directory, or one above, such as the data"
                                            + " directory.")
                    Path directory,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "table",
                            converter = Format.TableOrJson.class,
                            completionCandidates = Format.TableOrJson.class,
                            description =
                                    "How to print: ${COMPLETION-CANDIDATES}; default"
                                            + " ${DEFAULT-VALUE}.")
                    Format format)
            throws IOException {
        Path root = console.directory().resolve(directory);
        if (!disk.exists(root)) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).subcommands().get("verify"),
                    "there is no directory " + root);
        }
        List<Path> journals = new ArrayList<>();
        find(root, 0, journals);
        if (journals.isEmpty()) {
            console.err()
                    .println(
                            "narwhal: there is no journal in or below "
                                    + root
                                    + "; name a journal's directory or a node's data directory"
                                    + " (the configuration's 'data')");
            return ExitCode.FAILURE;
        }
        List<Checked> all =
                journals.stream().map(journal -> new Checked(journal, verified(journal))).toList();
        print(all, format);
        return all.stream().allMatch(one -> one.verified().findings().isEmpty())
                ? ExitCode.OK
                : ExitCode.FAILURE;
    }

    private void find(Path directory, int depth, List<Path> journals) {
        List<String> names = disk.list(directory);
        if (names.stream().anyMatch(name -> SEGMENT_SUFFIXES.stream().anyMatch(name::endsWith))
                || names.contains(PUBLISHED)) {
            journals.add(directory);
        } else if (depth < DEPTH_MAX) {
            names.forEach(name -> find(directory.resolve(name), depth + 1, journals));
        }
    }

    private Verified verified(Path journal) {
        for (int i = 1; ; i++) {
            try {
                return JournalVerifier.verify(disk, journal);
            } catch (DiskFailure e) {
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }

    private void print(List<Checked> all, Format format) throws IOException {
        for (Checked one : all) {
            one.verified().findings().forEach(finding -> console.err().println(finding.line()));
        }
        if (format == Format.JSON) {
            Json.write(console.out(), json(all));
            return;
        }
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("journal"),
                        Column.number("segments"),
                        Column.number("frames"),
                        Column.number("items"),
                        Column.number("bytes"),
                        Column.number("torn bytes"),
                        Column.text("damage"))) {
            for (Checked one : all) {
                Verified found = one.verified();
                rows.row(
                        one.journal(),
                        found.segments(),
                        found.frames(),
                        found.items(),
                        found.bytes(),
                        found.tornBytes(),
                        damage(found));
            }
        }
    }

    private static String damage(Verified found) {
        return switch (found.findings().size()) {
            case 0 -> "none";
            case 1 -> "1 place";
            default -> found.findings().size() + " places";
        };
    }

    private static Map<String, @Nullable Object> json(List<Checked> all) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("whole", all.stream().allMatch(one -> one.verified().findings().isEmpty()));
        json.put("journals", all.stream().map(JournalCommand::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(Checked one) {
        Verified found = one.verified();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("journal", one.journal().toString());
        json.put("segments", found.segments());
        json.put("frames", found.frames());
        json.put("items", found.items());
        json.put("bytes", found.bytes());
        json.put("torn_bytes", found.tornBytes());
        json.put("damage", found.findings().stream().map(JournalCommand::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(Verified.Finding finding) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", finding.file().toString());
        json.put("byte", finding.fileByte());
        json.put("what", finding.what());
        return json;
    }
}
