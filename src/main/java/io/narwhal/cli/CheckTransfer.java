package io.narwhal.cli;

import io.narwhal.component.Kind;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.config.Quantity;
import io.narwhal.config.ServeConfig;
import io.narwhal.config.TransferTls;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What narwhal check has understood of both sides of a transfer. */
final class CheckTransfer {
    private CheckTransfer() {}

    /** The component that pulls. */
    static CheckCommand.Component pull(List<PullConfig> links) {
        return new CheckCommand.Component(
                NodeConfig.PULL,
                Kind.MANAGER.label(),
                "pulls from " + count(links.size(), "agent"),
                List.of());
    }

    /** The component that serves. */
    static CheckCommand.Component serve(ServeConfig serve) {
        String listen = "tcp " + serve.listen();
        return new CheckCommand.Component(
                NodeConfig.SERVE,
                Kind.AGENT.label(),
                "serves " + count(serve.managers().size(), "manager") + " on " + listen,
                List.of(listen));
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** Links and readers, a table each. */
    static void print(NodeConfig node, Writer out) throws IOException {
        if (!node.pull().isEmpty()) {
            out.write("\n");
            try (var rows =
                    RowWriter.to(
                            out,
                            Format.TABLE,
                            Column.text("link"),
                            Column.text("agent"),
                            Column.text("at"),
                            Column.text("journal"),
                            Column.text("pulled"),
                            Column.text("transport"))) {
                for (PullConfig link : node.pull()) {
                    rows.row(
                            link.name(),
                            link.identity(),
                            link.address().toString(),
                            link.journal().label(),
                            policy(link),
                            transport(link.tls()));
                }
            }
        }
        ServeConfig serve = node.serve();
        if (serve != null) {
            out.write("\n");
            try (var rows =
                    RowWriter.to(
                            out,
                            Format.TABLE,
                            Column.text("kept until saved by"),
                            Column.text("transport"))) {
                for (ServeConfig.Reader reader : serve.readers()) {
                    rows.row(who(reader), transport(serve.tls()));
                }
            }
        }
    }

    private static String who(ServeConfig.Reader reader) {
        return reader.isGroup()
                ? "one of " + String.join(", ", reader.members())
                : reader.members().getFirst();
    }

    private static String transport(@Nullable TransferTls tls) {
        return tls == null ? "in clear, on this machine" : "TLS, both sides by certificate";
    }

    private static String policy(PullConfig link) {
        PullConfig.Thresholds asks = link.thresholds();
        List<String> when = new ArrayList<>();
        if (asks.fillPercent() > 0 && asks.fillPercent() < 100) {
            when.add(asks.fillPercent() + "% full");
        }
        if (asks.records() > 0) {
            when.add(count(Math.toIntExact(asks.records()), "record"));
        }
        if (asks.ageMs() > 0) {
            when.add(Quantity.durationText(asks.ageMs()) + " old");
        }
        String every = "every " + Quantity.durationText(link.everyMs());
        return when.isEmpty() ? every : every + ", or " + String.join(", ", when);
    }

    /** The same, as the members {@code pull} and {@code serve}. */
    static void json(NodeConfig node, Map<String, Object> json) {
        json.put("pull", node.pull().stream().map(CheckTransfer::json).toList());
        ServeConfig serve = node.serve();
        if (serve != null) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("listen", serve.listen().toString());
            one.put("tls", serve.tls() != null);
            one.put("readers", serve.readers().stream().map(CheckTransfer::json).toList());
            one.put("failover_after_ms", serve.failoverAfterMs());
            json.put("serve", one);
        }
    }

    private static Map<String, Object> json(ServeConfig.Reader reader) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reader", reader.name());
        json.put("managers", reader.members());
        return json;
    }

    private static Map<String, Object> json(PullConfig link) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("link", link.name());
        json.put("agent", link.identity());
        json.put("address", link.address().toString());
        json.put("journal", link.journal().label());
        json.put("tls", link.tls() != null);
        json.put("every_ms", link.everyMs());
        json.put("fill_percent", link.thresholds().fillPercent());
        json.put("clear_percent", link.thresholds().clearPercent());
        json.put("records", link.thresholds().records());
        json.put("age_ms", link.thresholds().ageMs());
        json.put("retry_ms", link.thresholds().retryMs());
        json.put("credit_records", link.credit().records());
        json.put("credit_bytes", link.credit().bytes());
        return json;
    }
}
