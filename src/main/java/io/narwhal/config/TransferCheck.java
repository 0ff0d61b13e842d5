package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.config.Section.Placed;
import io.narwhal.config.Yaml.Place;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The two sides of a transfer: who may pull from this node, and from whom it pulls. */
final class TransferCheck {
    /** Armed again that much below the fill at which an agent asks, unless it is said. */
    private static final int CLEAR_BELOW_FILL = 25;

    private final Problems problems;
    private final TransferTlsCheck tls;

    TransferCheck(
            Disk disk,
            Problems problems,
            BiFunction<Section, Key, Optional<Placed<Path>>> path,
            Function<Placed<String>, Optional<Placed<Path>>> resolved) {
        this.problems = problems;
        this.tls = new TransferTlsCheck(disk, problems, path, resolved);
    }

    /** The agent's side; null when the key is missing, or worth nothing. */
    @Nullable ServeConfig serve(Section root, List<Placed<Listen>> ports) {
        if (!root.has(Key.SERVE)) {
            return null;
        }
        Section section = root.section(Key.SERVE);
        List<Placed<Listen>> listen = section.listens(Key.SERVE_LISTEN);
        ports.addAll(listen);
        List<String> managers =
                section.names(Key.SERVE_MANAGERS).stream().map(Placed::value).toList();
        List<ServeConfig.Group> groups = groups(section, managers);
        TransferTls files = tls.read(section, TransferTlsCheck.SERVE);
        for (Placed<Listen> one : listen) {
            if (tls.isClear(section, TransferTlsCheck.SERVE) && !one.value().isLoopback()) {
                clear(section.placeOf(Key.SERVE_TLS), one.value(), "listen on 127.0.0.1");
            }
        }
        return new ServeConfig(
                listen.isEmpty() ? new Listen("localhost", 1) : listen.getFirst().value(),
                managers,
                groups,
                section.quantity(Key.SERVE_FAILOVER),
                files);
    }

    private void clear(Place at, Object address, String instead) {
        problems.error(
                at,
                "'tls: none' is for addresses of this machine alone, such as 127.0.0.1, and %s is"
                        + " none; name a certificate, key and ca ('narwhal pki' makes them), or %s",
                address,
                instead);
    }

    private List<ServeConfig.Group> groups(Section section, List<String> managers) {
        Map<String, String> groupOf = new HashMap<>();
        List<ServeConfig.Group> groups = new ArrayList<>();
        section.groups(Key.SERVE_GROUPS)
                .forEach(
                        (name, members) -> {
                            if (managers.contains(name.value())) {
                                problems.error(
                                        name.at(),
                                        "the name '%s' is that of a manager; call the group"
                                                + " something else",
                                        name.value());
                            }
                            members.forEach(one -> member(one, name.value(), managers, groupOf));
                            groups.add(
                                    new ServeConfig.Group(
                                            name.value(),
                                            members.stream().map(Placed::value).toList()));
                        });
        return groups;
    }

    private void member(
            Placed<String> member,
            String group,
            List<String> managers,
            Map<String, String> groupOf) {
        if (!managers.contains(member.value())) {
            String near =
                    Nearest.to(member.value(), managers)
                            .map(name -> "did you mean '" + name + "'?")
                            .orElse("add it to 'managers', which has every manager");
            problems.error(member.at(), "'%s' is none of the managers; %s", member.value(), near);
        }
        String other = groupOf.putIfAbsent(member.value(), group);
        if (other != null) {
            problems.error(
                    member.at(),
                    "'%s' is in group '%s' already; a manager can be in one",
                    member.value(),
                    other);
        }
    }

    /** The manager's side: its links. */
    List<PullConfig> pull(Section root, String node) {
        if (!root.has(Key.PULL)) {
            return List.of();
        }
        Map<String, Place> sources = new LinkedHashMap<>();
        return root.named(Key.PULL).stream().map(one -> link(one, node, sources)).toList();
    }

    private PullConfig link(Section section, String node, Map<String, Place> sources) {
        Optional<Placed<PeerAddress>> address = section.peer(Key.PULL_ADDRESS);
        String journal = section.choice(Key.PULL_JOURNAL);
        String identity = section.name(Key.PULL_IDENTITY).orElse(section.name());
        TransferTls files = tls.read(section, TransferTlsCheck.PULL);
        address.ifPresent(
                one -> {
                    if (tls.isClear(section, TransferTlsCheck.PULL) && !one.value().isLoopback()) {
                        clear(section.placeOf(Key.PULL_TLS), one.value(), "pull from 127.0.0.1");
                    }
                    alone(section, one.value() + " " + journal, sources);
                });
        alone(section, identity + " " + journal, sources);
        if (identity.equals(node)) {
            problems.error(
                    section.placeOf(Key.PULL_IDENTITY),
                    "'%s' is this node itself, which would pull its own journals; name another, by"
                            + " 'identity' if the link is to keep its name",
                    identity);
        }
        return new PullConfig(
                section.name(),
                address.map(Placed::value).orElse(new PeerAddress("localhost", 1)),
                PullConfig.Journal.valueOf(journal.toUpperCase(Locale.ROOT)),
                sessions(section, journal),
                section.quantity(Key.PULL_EVERY),
                thresholds(section.section(Key.PULL_THRESHOLDS)),
                credit(section.section(Key.PULL_CREDIT)),
                identity,
                files);
    }

    private List<String> sessions(Section section, String journal) {
        if (section.has(Key.PULL_SESSIONS) && !journal.equals("received")) {
            problems.error(
                    section.placeOf(Key.PULL_SESSIONS),
                    "'sessions' is for links with journal: received; usage has its subscribers from"
                            + " the agent, so remove it");
        }
        return section.names(Key.PULL_SESSIONS).stream().map(Placed::value).toList();
    }

    // What is pulled by two links is counted twice.
    private void alone(Section section, String source, Map<String, Place> sources) {
        Place first = sources.putIfAbsent(source, section.at());
        if (first != null && !first.equals(section.at())) {
            problems.error(
                    section.at(),
                    "the link at line %d pulls the same journals (%s), which would count twice;"
                            + " remove one",
                    first.line(),
                    source);
        }
    }

    private PullConfig.Thresholds thresholds(Section section) {
        int fill = (int) section.quantity(Key.PULL_FILL);
        boolean isOff = fill == 0 || fill == 100;
        int clear =
                section.has(Key.PULL_CLEAR)
                        ? (int) section.quantity(Key.PULL_CLEAR)
                        : Math.max(0, fill - CLEAR_BELOW_FILL);
        if (section.has(Key.PULL_CLEAR) && !isOff && clear >= fill) {
            problems.error(
                    section.placeOf(Key.PULL_CLEAR),
                    "thresholds.clear (%d%%) must be below thresholds.fill (%d%%)",
                    clear,
                    fill);
        }
        return new PullConfig.Thresholds(
                fill,
                clear,
                section.quantity(Key.PULL_RECORDS),
                section.quantity(Key.PULL_AGE),
                section.quantity(Key.PULL_RETRY));
    }

    private static PullConfig.Credit credit(Section section) {
        return new PullConfig.Credit(
                section.quantity(Key.PULL_CREDIT_RECORDS), section.quantity(Key.PULL_CREDIT_BYTES));
    }

    /** Says what has no effect on a node that delivers no usage. */
    void warnOfIdle(Section root) {
        for (Key key : List.of(Key.OUTPUTS, Key.ENHANCE, Key.SAMPLING)) {
            if (!root.has(Key.USAGE) && root.has(key) && !root.isEmpty(key)) {
                problems.warn(
                        root.placeOf(key),
                        "'%s' has no effect, as nothing is accounted here; add 'usage', or leave it"
                                + " to the managers",
                        key.label());
            }
        }
    }
}
