package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Machine;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.Doctor;
import io.narwhal.inspect.Facts;
import io.narwhal.inspect.Finding;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code narwhal doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Check whether this machine is fit for a configuration, and say what to type where it"
                    + " is not.",
            "",
            "Looks at the Java runtime, the kernel's receive buffer, the disk and how long it takes"
                    + " to force a write, the clock, memory, open files, ports, permissions of data"
                    + " and secrets, and systemd. Run it as the user of the node, who may differ in"
                    + " rights from you: sudo -u narwhal narwhal doctor ...",
            "",
            "Writes and deletes one small file in the data directory, if there is one, and changes"
                    + " nothing else."
        },
        footer = {
            "",
            "Example:",
            "",
            "  narwhal doctor --config /etc/narwhal/narwhal.yaml",
            "",
            "Exit codes: 0 fit, perhaps with warnings; 1 something would fail; 2 wrong command line"
                    + " or configuration."
        })
final class DoctorCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();
    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        // Without the checks of the files that it names: those are looked at here.
        NodeConfig config =
                switch (option.load(console, ConfigOption.Fallback.WORKING_DIRECTORY, List.of())) {
                    case Loaded.Invalid(var problems) -> throw new ConfigurationRejected(problems);
                    case Loaded.Valid(var valid, var _) -> valid;
                };
        Facts facts =
                new FactsReader(Machine.system(), Disk.system(), Clock.system(), config).read();
        List<Finding> findings = Doctor.examine(config, facts);
        if (printing.format == Format.JSON) {
            Json.write(console.out(), json(findings));
        } else {
            print(findings);
        }
        return isFit(findings) ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static boolean isFit(List<Finding> findings) {
        return findings.stream().noneMatch(one -> one.verdict() == Finding.Verdict.FAIL);
    }

    private void print(List<Finding> findings) throws IOException {
        for (Finding one : findings) {
            String line =
                    "%-4s  %-14s  %s".formatted(one.verdict().label(), one.check(), one.found());
            console.out().write(Table.printable(line) + "\n");
            if (!one.mend().isEmpty()) {
                console.out().write(" ".repeat(22) + "-> " + Table.printable(one.mend()) + "\n");
            }
        }
        console.out().write("\n" + Doctor.sum(findings) + "\n");
    }

    private static Map<String, Object> json(List<Finding> findings) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("fit", isFit(findings));
        json.put("findings", findings.stream().map(DoctorCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("check", finding.check());
        json.put("verdict", finding.verdict().label());
        json.put("found", finding.found());
        json.put("mend", finding.mend());
        return json;
    }
}
