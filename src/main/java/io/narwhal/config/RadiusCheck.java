package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.config.Section.Placed;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The clients of a collector of RADIUS accounting, and what goes with them. */
final class RadiusCheck {
    private final Disk disk;
    private final Problems problems;
    private final BiFunction<Section, Key, Optional<Placed<Path>>> path;

    RadiusCheck(
            Disk disk, Problems problems, BiFunction<Section, Key, Optional<Placed<Path>>> path) {
        this.disk = disk;
        this.problems = problems;
        this.path = path;
    }

    /**
     * What stands there of RADIUS, read and tried; null when the collector speaks something else.
     *
     * @param files the readable files of a key of type FILES
     */
    @Nullable RadiusConfig read(
            Section collector,
            CollectorConfig.Protocol protocol,
            String transport,
            Function<Key, List<Path>> files) {
        if (protocol != CollectorConfig.Protocol.RADIUS) {
            refuse(collector, Key.COLLECTOR_CLIENTS);
            refuse(collector, Key.COLLECTOR_DICTIONARIES);
            return null;
        }
        if (transport.equals("tcp")) {
            problems.error(
                    collector.placeOf(Key.COLLECTOR_TRANSPORT),
                    "RADIUS comes by UDP or TLS; remove 'transport: tcp', or say transport: tls");
        }
        if (!collector.has(Key.COLLECTOR_CLIENTS)) {
            problems.error(
                    collector.at(),
                    "%s has no 'clients', so nobody could send; add clients: %s",
                    collector.path(),
                    Key.COLLECTOR_CLIENTS.example());
        }
        return new RadiusConfig(
                clients(collector, transport.equals("tls")),
                files.apply(Key.COLLECTOR_DICTIONARIES));
    }

    private void refuse(Section collector, Key key) {
        if (collector.has(key)) {
            problems.error(
                    collector.placeOf(key),
                    "'%s' means nothing but with protocol: radius; remove it",
                    key.label());
        }
    }

    private List<ClientConfig> clients(Section collector, boolean tls) {
        List<ClientConfig> clients = new ArrayList<>();
        Map<AddressPrefix, Yaml.Place> seen = new LinkedHashMap<>();
        for (Section entry : collector.listed(Key.COLLECTOR_CLIENTS)) {
            Optional<Placed<AddressPrefix>> address =
                    entry.placedPrefix(Key.CLIENT_ADDRESS)
                            .map(one -> new Placed<>(one.value().canonical(), one.at()));
            address.ifPresent(one -> reportTwice(one, seen));
            Optional<Placed<Path>> file =
                    tls && !entry.has(Key.CLIENT_SECRET)
                            ? Optional.empty()
                            : path.apply(entry, Key.CLIENT_SECRET);
            file.ifPresent(this::check);
            address.ifPresent(
                    one ->
                            clients.add(
                                    new ClientConfig(
                                            one.value(), file.map(Placed::value).orElse(null))));
        }
        return clients;
    }

    private void reportTwice(Placed<AddressPrefix> address, Map<AddressPrefix, Yaml.Place> seen) {
        Yaml.Place first = seen.putIfAbsent(address.value(), address.at());
        if (first != null) {
            problems.error(
                    address.at(),
                    "the client %s stands at line %d already; remove one",
                    address.value().text(),
                    first.line());
        }
    }

    private void check(Placed<Path> file) {
        switch (Secret.read(disk, file.value())) {
            case Secret.Good secret when secret.isShort() ->
                    problems.warn(
                            file.at(),
                            "the secret in %s is shorter than %d octets and can be guessed"
                                    + " (RFC 2865 section 3); choose a longer one on both sides",
                            file.value(),
                            Secret.BYTES_ENOUGH);
            case Secret.Good _ -> {}
            case Secret.Bad(String reason) -> problems.error(file.at(), "%s", reason);
        }
    }
}
