package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.pki.Authority;
import io.narwhal.pki.Certified;
import io.narwhal.pki.Issued;
import io.narwhal.pki.Order;
import io.narwhal.pki.Revocation;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** {@code narwhal pki}: certificates for those who have no authority of their own. */
@Command(
        name = "pki",
        mixinStandardHelpOptions = true,
        description = {
            "Keep a private certificate authority: who may take part in transfers between hosts.",
            "",
            "Each node gets a certificate that names it, for both ends of a transfer. The authority"
                + " is a directory; keep it off line, as whoever has its key can name itself as any"
                + " node. Those who have an authority already do not need this command."
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal pki init",
            "  narwhal pki issue edge-1",
            "  narwhal pki issue central --days 90",
            "  narwhal pki list",
            "  narwhal pki revoke edge-1 --reason key-compromise"
        })
final class PkiCommand implements Callable<Integer> {
    private static final String LOCK = "lock";

    private final Console console;
    private final Disk disk = Disk.system();
    private final Clock clock = Clock.system();

    @Spec private @Nullable CommandSpec spec;

    PkiCommand(Console console) {
        this.console = console;
    }

    /** Where the authority is. */
    static final class Home {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = "pki",
                description = "The authority's directory; default ${DEFAULT-VALUE}.")
        Path directory = Path.of("pki");
    }

    /** Words for why a certificate is revoked. */
    static final class Reasons implements ITypeConverter<Revocation.Reason>, Iterable<String> {
        private static final List<String> LABELS =
                Arrays.stream(Revocation.Reason.values()).map(Revocation.Reason::label).toList();

        @Override
        public Revocation.Reason convert(String label) {
            return Revocation.Reason.of(label)
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            "'" + label + "' is none of " + LABELS));
        }

        @Override
        public Iterator<String> iterator() {
            return LABELS.iterator();
        }
    }

    /** Without a subcommand: the help, as with {@code narwhal} alone. */
    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getOut());
        return ExitCode.OK;
    }

    @Command(
            name = "init",
            mixinStandardHelpOptions = true,
            description = {
                "Make a new authority: a key, a certificate that it signs itself, an empty"
                        + " revocation list and an empty index. What is there already is never"
                        + " overwritten."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:the authority is made",
                "1:the directory has one already, or cannot be written; nothing was changed",
                "2:wrong options"
            },
            footer = {"", "Example:", "", "  narwhal pki init --name \"Example Net transfers\""})
    int init(
            @Mixin Home home,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            defaultValue = "Narwhal transfers",
                            description = "How it calls itself; default '${DEFAULT-VALUE}'.")
                    String name,
            @Option(
                            names = "--years",
                            paramLabel = "N",
                            defaultValue = "10",
                            description = "How long it is valid; default ${DEFAULT-VALUE}.")
                    int years)
            throws IOException {
        Authority.nameProblem(name).ifPresent(problem -> misused("init", "--name: " + problem));
        if (years < 1 || years > Authority.YEARS_MAX) {
            misused("init", "--years: an authority lives 1 to " + Authority.YEARS_MAX + " years");
        }
        Path directory = at(home.directory);
        disk.createDirectories(directory);
        Authority made =
                locked(directory, () -> Authority.init(disk, clock, directory, name, years));
        tellMended(made);
        PkiText.made(console.out(), made, directory, name);
        return ExitCode.OK;
    }

    @Command(
            name = "issue",
            mixinStandardHelpOptions = true,
            description = {
                "Issue a certificate for one node, with a new key, into the directory that 'tls' of"
                        + " its configuration takes.",
                "",
                "To renew, issue the same name again, into the same or another directory: nodes"
                    + " read their files anew while they run, and the old certificate stays valid"
                    + " until it ends, unless --replace revokes it. A run that was cut off is"
                    + " finished by the same command."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:the certificate is written",
                "1:no authority, or it ends too soon, or the directory has files of another",
                "2:wrong options or names; nothing was done"
            },
            footer = {
                "",
                "Examples:",
                "",
                "  narwhal pki issue edge-1",
                "  narwhal pki issue edge-1 --out /etc/narwhal/tls --address 192.0.2.1",
                "  narwhal pki issue edge-1 --replace"
            })
    int issue(
            @Parameters(
                            paramLabel = "NAME",
                            description =
                                    "The node's name, as 'managers' or 'identity' of its peers"
                                            + " has it.")
                    String name,
            @Mixin Home home,
            @Option(
                            names = "--out",
                            paramLabel = "DIR",
                            description = "Where to write; default: a directory called NAME.")
                    @Nullable Path out,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            defaultValue = "" + Order.DAYS,
                            description = "How long it is valid; default ${DEFAULT-VALUE}.")
                    int days,
            @Option(
                            names = "--address",
                            paramLabel = "HOST_OR_IP",
                            description =
                                    "Also valid for this host name or IP address; any number of"
                                            + " times. Narwhal needs none, as it goes by NAME.")
                    @Nullable List<String> addresses,
            @Option(names = "--replace", description = "Revoke the earlier certificates of NAME.")
                    boolean isReplacing,
            @Mixin FormatOption.OfReport printing)
            throws IOException {
        var order = new Order(name, addresses == null ? List.of() : addresses, days, isReplacing);
        order.problem().ifPresent(problem -> misused("issue", problem));
        Path directory = at(home.directory);
        Path into = at(out == null ? Path.of(name) : out);
        var report = new ArrayList<Issued>();
        Authority authority = opened(directory, opened -> report.add(opened.issue(order, into)));
        tellMended(authority);
        if (printing.format == Format.JSON) {
            PkiText.issuedJson(console.out(), authority, report.getFirst());
        } else {
            PkiText.issued(console.out(), report.getFirst(), directory);
        }
        return ExitCode.OK;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "List the certificates that were issued, oldest first.",
                "",
                "Their states: valid, expires-soon (within 30 days), expired, revoked. Changes"
                        + " nothing; works without the authority's key."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:listed",
                "1:there is no authority, or it is damaged",
                "2:wrong options"
            },
            footer = {
                "",
                "Examples:",
                "",
                "  narwhal pki list",
                "  narwhal pki list --format json"
            })
    int list(@Mixin Home home, @Mixin FormatOption.OfReport printing) throws IOException {
        Authority authority = Authority.open(disk, clock, at(home.directory));
        if (printing.format == Format.JSON) {
            PkiText.listJson(console.out(), authority);
        } else {
            PkiText.list(console.out(), authority);
        }
        authority
                .unfinished()
                .forEach(
                        one ->
                                console.err()
                                        .println(
                                                "narwhal: "
                                                        + one
                                                        + "; the next narwhal pki issue or revoke"
                                                        + " mends it"));
        return ExitCode.OK;
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = {
                "Revoke a certificate by its serial number, or all of a name that are still valid,"
                        + " and make the revocation list anew.",
                "",
                "It counts at a node when the new list is there: copy revoked.pem into the tls"
                        + " directory of every node."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:revoked, also when all were revoked already or expired",
                "1:no such certificate or authority, or it is damaged",
                "2:wrong options"
            },
            footer = {
                "",
                "Examples:",
                "",
                "  narwhal pki revoke edge-1 --reason key-compromise",
                "  narwhal pki revoke 5f1c2b7d00a9c3e4a1b2c3d4e5f60718"
            })
    int revoke(
            @Parameters(
                            paramLabel = "NAME_OR_SERIAL",
                            description = "As narwhal pki list shows it.")
                    String nameOrSerial,
            @Mixin Home home,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            defaultValue = "unspecified",
                            converter = Reasons.class,
                            completionCandidates = Reasons.class,
                            description =
                                    "Why: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
                    Revocation.Reason reason,
            @Mixin FormatOption.OfReport printing)
            throws IOException {
        Path directory = at(home.directory);
        List<Certified> revoked = new ArrayList<>();
        Authority authority =
                opened(directory, opened -> revoked.addAll(opened.revoke(nameOrSerial, reason)));
        tellMended(authority);
        if (printing.format == Format.JSON) {
            PkiText.revokedJson(console.out(), authority, directory, revoked);
        } else {
            PkiText.revoked(console.out(), nameOrSerial, directory, revoked);
        }
        return ExitCode.OK;
    }

    private Path at(Path path) {
        return console.directory().resolve(path);
    }

    private void misused(String command, String problem) {
        CommandLine line = Objects.requireNonNull(spec).subcommands().get(command);
        throw new ParameterException(line, problem);
    }

    private void tellMended(Authority authority) {
        authority.mended().forEach(one -> console.err().println("narwhal: " + one));
    }

    /** Does it to the authority there, which no other process changes meanwhile. */
    private Authority opened(Path directory, Consumer<Authority> work) {
        Authority.open(disk, clock, directory); // or tells why not, before a lock is made
        return locked(
                directory,
                () -> {
                    Authority authority = Authority.open(disk, clock, directory);
                    work.accept(authority);
                    return authority;
                });
    }

    private Authority locked(Path directory, Supplier<Authority> work) {
        Optional<Processes.Lock> lock = Processes.system().lock(directory.resolve(LOCK));
        if (lock.isEmpty()) {
            throw new IllegalStateException(
                    "another narwhal pki is at work in "
                            + directory
                            + "; try again when it has ended");
        }
        try (var ignored = lock.get()) {
            return work.get();
        }
    }
}
