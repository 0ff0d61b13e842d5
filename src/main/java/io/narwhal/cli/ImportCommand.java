package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Net;
import io.narwhal.base.OrderlyEnd;
import io.narwhal.base.Processes;
import io.narwhal.collect.FileImport;
import io.narwhal.collect.ProcessedFile;
import io.narwhal.collect.ProcessedFiles;
import io.narwhal.component.Environment;
import io.narwhal.component.ImportIntake;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.LaneView;
import io.narwhal.inspect.NodeView;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code narwhal import}. */
@Command(
        name = "import",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Feed captured traffic or record files through the same chain as live traffic.",
            "",
            "FILE is a pcap or pcapng capture of the datagrams that exporters sent, or an IPFIX"
                + " file (RFC 5655); gzip'd or not; its first bytes say what it is. Of a capture,"
                + " every UDP datagram is taken that begins like NetFlow v1, v5, v7, v9, IPFIX or"
                + " sFlow v5, as if it had come when it was captured, from the address and port it"
                + " came from.",
            "",
            "Each file is processed exactly once, whatever is killed meanwhile: what it is known by"
                    + " is its content (SHA-256), not its name. Given again, it says so and does"
                    + " nothing; interrupted, it goes on behind the last datagram that was taken.",
            "",
            "If the node runs, it accounts what is imported, and this command waits for it. If not,"
                    + " this command runs accounting and outputs itself until all is delivered."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every file is processed, now or before, and all is accounted and delivered",
            "1:a file, or a part of it, could not be taken, or not all is accounted yet: said why",
            "2:wrong options or configuration"
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal import --config narwhal.yaml capture-*.pcap.gz",
            "  narwhal import --config narwhal.yaml --port 2055,9995 trunk.pcapng",
            "  narwhal import --config narwhal.yaml --exporter 192.0.2.1 records.ipfix",
            "  narwhal import --config narwhal.yaml --list"
        })
final class ImportCommand implements Callable<Integer> {
    private static final int PORT_MAX = 65_535;

    private final Console console;
    private final Disk disk = Disk.system();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Captures and IPFIX files.")
    private List<Path> files = new ArrayList<>();

    @Mixin private ConfigOption option = new ConfigOption();

    @Option(
            names = "--port",
            paramLabel = "N",
            split = ",",
            description =
                    "Take every UDP datagram of a capture that was sent to one of these ports, and"
                            + " no other.")
    private List<Integer> ports = new ArrayList<>();

    @Option(
            names = "--exporter",
            paramLabel = "ADDRESS",
            defaultValue = "::",
            description =
                    "Say that the records of IPFIX files come from this exporter. Records that name"
                            + " their exporter themselves (exporterIPv4Address) keep theirs."
                            + " Default: none (::).")
    private String exporter = "::";

    @Option(
            names = "--no-wait",
            description =
                    "End once everything is safe in the journal; the node accounts it, now or when"
                            + " it is next started.")
    private boolean noWait;

    @Option(names = "--list", description = "List the files that were processed, and end.")
    private boolean wantsList;

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    ImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        check(wantsList || !files.isEmpty(), "name a FILE to import, or give --list");
        check(!wantsList || files.isEmpty(), "--list takes no FILE");
        FileImport.Choice choice = choice();
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        if (wantsList) {
            var list = ProcessedFiles.load(disk, new NodeLayout(config.data()).imports());
            new ImportReport(console.out(), printing.format)
                    .list(list.map(ProcessedFiles::files).orElse(List.of()));
            return ExitCode.OK;
        }
        try (var chain = ImportChain.of(config, disk, !noWait)) {
            var end =
                    OrderlyEnd.on(
                            () -> {
                                stopped.set(true);
                                chain.stop();
                            });
            int code = ExitCode.FAILURE;
            try {
                code = run(config, choice, chain);
            } finally {
                chain.close();
                console.out().flush();
                end.over(code);
            }
            return code;
        }
    }

    private FileImport.Choice choice() {
        for (int port : ports) {
            check(port >= 1 && port <= PORT_MAX, "--port can be 1 to " + PORT_MAX);
        }
        try {
            InetAddress address = InetAddress.ofLiteral(exporter);
            return new FileImport.Choice(
                    Set.copyOf(ports), Addresses.high(address), Addresses.low(address));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--exporter: '" + exporter + "' is no IP address");
        }
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }

    private int run(NodeConfig config, FileImport.Choice choice, ImportChain chain)
            throws IOException {
        var progress = new ImportProgress(console, stopped);
        Optional<ImportIntake> intake = open(config, progress);
        if (intake.isEmpty()) {
            console.err()
                    .println(
                            "narwhal: another 'narwhal import' works on "
                                    + config.data()
                                    + "; give this command again when it is done");
            return ExitCode.FAILURE;
        }
        Books before = books(config);
        List<ImportReport.Line> lines;
        try (var open = intake.get()) {
            lines = take(open.files(), choice);
            open.files().close();
        }
        boolean whole = lines.stream().allMatch(ImportReport.Line::isWhole);
        String missing = noWait || chain.isAbsent() ? null : chain.await(progress);
        progress.clear();
        new ImportReport(console.out(), printing.format)
                .outcome(
                        lines,
                        missing == null || !missing.isEmpty() ? null : before,
                        books(config));
        console.out().flush();
        tellMissing(config, chain, missing);
        return whole && (missing == null || missing.isEmpty()) ? ExitCode.OK : ExitCode.FAILURE;
    }

    private Optional<ImportIntake> open(NodeConfig config, ImportProgress progress) {
        return ImportIntake.open(
                new Environment(
                        config,
                        new NodeLayout(config.data()),
                        disk,
                        Net.system(),
                        Processes.system(),
                        Clock.system()),
                progress);
    }

    private void tellMissing(NodeConfig config, ImportChain chain, @Nullable String missing) {
        String again = "narwhal run --config " + config.source().file();
        if (missing == null && chain.lagBytes() > 0) {
            if (noWait && !chain.isAbsent()) {
                console.err().println("the node accounts it; see: narwhal status");
            } else {
                console.err()
                        .println("it is safe in the journal, and accounted by the next: " + again);
            }
        } else if (missing != null && !missing.isEmpty()) {
            console.err()
                    .println(
                            "narwhal: not all is accounted yet, as "
                                    + missing
                                    + "; it is safe in the journal, and accounted by the next: "
                                    + again);
        }
    }

    private List<ImportReport.Line> take(FileImport intake, FileImport.Choice choice) {
        List<ImportReport.Line> lines = new ArrayList<>();
        Set<Path> paths = new LinkedHashSet<>();
        for (Path file : files) {
            paths.add(console.directory().resolve(file).toAbsolutePath().normalize());
        }
        for (Path path : paths) {
            if (stopped.get()) {
                break;
            }
            lines.add(new ImportReport.Line(path.toString(), take(intake, path, choice)));
        }
        return lines;
    }

    // What is wrong with one file is no reason not to take the others.
    private FileImport.Outcome take(FileImport intake, Path path, FileImport.Choice choice) {
        if (!disk.exists(path)) {
            return told(new FileImport.Outcome.Refused(path + ": there is no such file"));
        }
        return told(intake.take(path, choice));
    }

    private FileImport.Outcome told(FileImport.Outcome outcome) {
        switch (outcome) {
            case FileImport.Outcome.Refused(String message) ->
                    console.err().println("narwhal: " + message);
            case FileImport.Outcome.Processed(ProcessedFile file) -> {
                if (file.problem() != null) {
                    console.err()
                            .println(
                                    "narwhal: "
                                            + file.problem()
                                            + "; everything before it is taken");
                }
            }
            case FileImport.Outcome.Stopped _ ->
                    console.err().println("narwhal: interrupted; give the same command to go on");
            case FileImport.Outcome.Known _ -> {}
        }
        return outcome;
    }

    /** The counts of all files ever imported, as far as they are accounted. */
    private Books books(NodeConfig config) {
        var sum = new Books();
        try {
            for (LaneView lane : NodeView.read(config, disk).lanes()) {
                if (lane.collector().equals(NodeConfig.IMPORT)) {
                    sum.add(lane.lane().books());
                }
            }
        } catch (LaneView.CheckpointLost | DiskFailure e) {
            console.err().println("narwhal: " + e.getMessage());
        }
        return sum;
    }
}
