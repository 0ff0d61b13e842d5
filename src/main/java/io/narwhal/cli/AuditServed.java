package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.inspect.ServedBooks;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** narwhal audit on a node that accounts nothing: custody is all there is to show. */
final class AuditServed {
    private final Console console;
    private final Format format;

    AuditServed(Console console, Format format) {
        this.console = console;
        this.format = format;
    }

    int run(NodeConfig config, Disk disk) throws IOException {
        ServedBooks books = ServedBooks.of(config, disk);
        if (format == Format.JSON) {
            Json.write(console.out(), json(config, books));
        } else {
            print(books);
        }
        return books.isBalanced() ? ExitCode.OK : ExitCode.UNBALANCED;
    }

    private void print(ServedBooks books) throws IOException {
        var out = console.out();
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("collector"),
                        Column.number("packets received"),
                        Column.number("octets"))) {
            for (ServedBooks.Received one : books.journals()) {
                rows.row(one.name(), one.datagrams(), one.octets());
            }
        }
        out.write("\n");
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("journal"),
                        Column.text("manager"),
                        Column.number("saved there, bytes"),
                        Column.number("held for it, bytes"))) {
            for (Progress one : books.readers()) {
                rows.row(one.journal(), manager(one), one.position(), one.lag());
            }
        }
        out.write(
                "\nNothing is accounted here, so exporters and records are not told apart; the"
                        + " managers' books have them.\n");
        out.write(books.isBalanced() ? "The books balance.\n" : "THE BOOKS DO NOT BALANCE.\n");
        out.flush();
    }

    private static String manager(Progress one) {
        return one.reader().substring(ServeConfig.READER_PREFIX.length());
    }

    private static Map<String, Object> json(NodeConfig config, ServedBooks books) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("node", config.node());
        json.put("balanced", books.isBalanced());
        json.put("accounts", false);
        json.put(
                "received",
                Map.of(
                        "datagrams",
                        books.journals().stream().mapToLong(ServedBooks.Received::datagrams).sum(),
                        "octets",
                        books.journals().stream().mapToLong(ServedBooks.Received::octets).sum()));
        json.put("collectors", books.journals().stream().map(AuditServed::json).toList());
        json.put("managers", books.readers().stream().map(AuditServed::json).toList());
        json.put("exporters", List.of());
        return json;
    }

    private static Map<String, Object> json(ServedBooks.Received one) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("collector", one.name());
        json.put("datagrams", one.datagrams());
        json.put("octets", one.octets());
        return json;
    }

    private static Map<String, Object> json(Progress one) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("journal", one.journal());
        json.put("manager", manager(one));
        json.put("saved_bytes", one.position());
        json.put("held_bytes", one.lag());
        return json;
    }
}
