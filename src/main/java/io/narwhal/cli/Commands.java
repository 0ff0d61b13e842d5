package io.narwhal.cli;

import java.util.List;

/**
 * The commands by name. A command's class is loaded only when it is asked for, as reading the
 * annotations of all of them takes longer than most of them run.
 */
final class Commands {
    /** What people type, in the order of {@code narwhal --help}. */
    static final List<String> NAMES =
            List.of(
                    "demo",
                    "run",
                    "check",
                    "doctor",
                    "status",
                    "start",
                    "stop",
                    "restart",
                    "recoveries",
                    "usage",
                    "records",
                    "sessions",
                    "audit",
                    "held",
                    "drain",
                    "files",
                    "import",
                    "reprocess",
                    "transfer",
                    "journal",
                    "pki",
                    "generate",
                    "torture",
                    "completion");

    private Commands() {}

    /** A new command of that name, which is one of {@link #NAMES}. */
    static Object create(String name, Console console) {
        return switch (name) {
            case "check" -> new CheckCommand(console, Validation.all());
            case "doctor" -> new DoctorCommand(console);
            case "run" -> new RunCommand(console);
            case "status" -> new StatusCommand(console);
            case "start" -> new StartCommand(console);
            case "stop" -> new StopCommand(console);
            case "restart" -> new RestartCommand(console);
            case "recoveries" -> new RecoveriesCommand(console);
            case "usage" -> new UsageCommand(console);
            case "audit" -> new AuditCommand(console);
            case "held" -> new HeldCommand(console);
            case "demo" -> new DemoCommand(console);
            case "records" -> new RecordsCommand(console);
            case "sessions" -> new SessionsCommand(console);
            case "journal" -> new JournalCommand(console);
            case "pki" -> new PkiCommand(console);
            case "files" -> new FilesCommand(console);
            case "import" -> new ImportCommand(console);
            case "reprocess" -> new ReprocessCommand(console);
            case "transfer" -> new TransferCommand(console);
            case "drain" -> new DrainCommand(console);
            case "generate" -> new GenerateCommand();
            case "torture" -> new TortureCommand(console);
            case "completion" -> new CompletionCommand(console);
            default -> throw new IllegalArgumentException("no command is called " + name);
        };
    }
}
