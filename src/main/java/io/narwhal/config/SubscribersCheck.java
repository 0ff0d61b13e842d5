package io.narwhal.config;

import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/** Whether flows get subscribers: some collector must hear of sessions, and some usage must ask. */
final class SubscribersCheck {
    private final Problems problems;
    private final List<String> collectors;
    private final List<CollectorConfig> all;
    private final List<PullConfig> pull;
    private final List<String> pulled;

    /**
     * The check of a file.
     *
     * @param pull the links by which records, of whatever kind, come from agents
     */
    SubscribersCheck(Problems problems, List<CollectorConfig> collectors, List<PullConfig> pull) {
        this.problems = problems;
        this.pull = pull;
        this.pulled = pull.stream().flatMap(link -> link.sessionPaths().stream()).toList();
        this.all = collectors;
        this.collectors =
                collectors.stream()
                        .filter(collector -> collector.protocol().isSessions())
                        .map(CollectorConfig::name)
                        .toList();
    }

    /** Warns of keys that nothing can fill. */
    void usage(Section section, List<Field> keys) {
        Optional<Field> orphan =
                keys.stream()
                        .filter(EndKey::isOfSessions)
                        .filter(field -> all.stream().noneMatch(one -> one.tells(field)))
                        .findFirst();
        if (orphan.isPresent() && collectors.isEmpty() && pull.isEmpty()) {
            problems.warn(
                    section.placeOf(Key.USAGE_KEYS),
                    "'%s' will be empty in every row, as no collector receives the accounting of"
                            + " sessions; add one with protocol: radius",
                    orphan.get().label());
        }
    }

    // From whichever host.
    private boolean isTold() {
        return !collectors.isEmpty() || !pulled.isEmpty();
    }

    /** Whether flows that are pulled can get what a usage asks for. */
    void pulled(Section section, List<Field> keys, UsageDefinition.Counts counts) {
        Optional<Field> orphan = keys.stream().filter(EndKey::isOfSessions).findFirst();
        boolean received =
                pull.stream().anyMatch(link -> link.journal() == PullConfig.Journal.RECEIVED);
        boolean usage = pull.stream().anyMatch(link -> link.journal() == PullConfig.Journal.USAGE);
        if (orphan.isEmpty() || !counts.flows() || !received || isTold()) {
            return;
        }
        String what =
                "'%s' of flows that are pulled is known only if somebody hears of sessions; add"
                        + " sessions: [ COLLECTOR ] to the link of the agent whose collector"
                        + " receives them, or pull that agent with journal: usage, or sum sessions"
                        + " alone with records: sessions";
        if (usage) {
            problems.warn(section.placeOf(Key.USAGE_KEYS), what, orphan.get().label());
        } else {
            problems.error(section.placeOf(Key.USAGE_KEYS), what, orphan.get().label());
        }
    }

    /** What the section says, if anything is done at all. */
    @Nullable SubscribersConfig config(Section enhancements, List<UsageDefinition> usage) {
        Section section = enhancements.section(Key.SUBSCRIBERS);
        if (!isTold() && enhancements.has(Key.SUBSCRIBERS)) {
            problems.warn(
                    enhancements.placeOf(Key.SUBSCRIBERS),
                    "'subscribers' has no effect, as no collector receives the accounting of"
                            + " sessions; add one with protocol: radius, or 'sessions' to a link of"
                            + " 'pull'");
        }
        var config =
                new SubscribersConfig(
                        collectors,
                        pulled,
                        section.quantity(Key.SUBSCRIBERS_WAIT),
                        section.quantity(Key.SUBSCRIBERS_KEEP));
        boolean wanted =
                usage.stream()
                        .filter(definition -> definition.counts().flows())
                        .anyMatch(one -> one.keys().stream().anyMatch(EndKey::isOfSessions));
        return wanted && isTold() ? config : null;
    }
}
