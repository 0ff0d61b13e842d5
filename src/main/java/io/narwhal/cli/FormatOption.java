package io.narwhal.cli;

import picocli.CommandLine.Option;

/** The option {@code --format} that most commands share. */
final class FormatOption {
    private static final String DESCRIPTION =
            "How to print: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.";

    private FormatOption() {}

    /** Of a command that prints a report: table or json. */
    static final class OfReport {
        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                defaultValue = "table",
                converter = Format.TableOrJson.class,
                completionCandidates = Format.TableOrJson.class,
                description = DESCRIPTION)
        Format format = Format.TABLE;
    }

    /** Of a command that prints rows: table, csv or json. */
    static final class OfRows {
        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                defaultValue = "table",
                converter = Format.TableCsvOrJson.class,
                completionCandidates = Format.TableCsvOrJson.class,
                description = DESCRIPTION)
        Format format = Format.TABLE;
    }
}
