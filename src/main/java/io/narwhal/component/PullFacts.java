package io.narwhal.component;

import io.narwhal.config.PullConfig;
import io.narwhal.transfer.LinkFacts;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What the pull component tells commands of its links. */
final class PullFacts {
    private final Environment environment;
    private final TransferFacts file;

    PullFacts(Environment environment) {
        this.environment = environment;
        this.file =
                new TransferFacts(
                        environment.disk(),
                        environment.clock(),
                        environment.layout(),
                        TransferFacts.PULLED);
    }

    /**
     * Writes it down, if it is due.
     *
     * @param complaints what is wrong with a link, by its name
     */
    void write(
            List<LinkFacts> facts, PullStore store, UnaryOperator<String> complaints, long nowMs) {
        List<TransferFacts.One> all = new ArrayList<>();
        for (LinkFacts one : facts) {
            String complaint = complaints.apply(one.link());
            all.add(
                    new TransferFacts.One(
                            one,
                            address(one.link()),
                            complaint.isEmpty() ? held(store, one.link()) : complaint,
                            events(store, one.link())));
        }
        file.write(all, nowMs);
    }

    private String address(String link) {
        return environment.config().pull().stream()
                .filter(one -> one.name().equals(link))
                .findFirst()
                .map(PullConfig::address)
                .map(Object::toString)
                .orElse("");
    }

    private static String held(PullStore store, String link) {
        return store.missing().stream()
                .filter(one -> one.startsWith(link + " "))
                .findFirst()
                .map(one -> "usage is held: " + one)
                .orElse("");
    }

    private static List<TransferFacts.Event> events(PullStore store, String link) {
        return store.state().events().stream()
                .filter(event -> event.link().equals(link))
                .map(
                        event ->
                                new TransferFacts.Event(
                                        Instant.ofEpochMilli(event.atMicros() / 1_000).toString(),
                                        event.what(),
                                        event.stream().isEmpty()
                                                ? event.detail()
                                                : event.stream() + ": " + event.detail()))
                .toList();
    }
}
