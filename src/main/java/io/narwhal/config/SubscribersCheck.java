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
    private final boolean pulls;

    /**
     * The check of a file.
     *
     * @param pulls whether records, of whatever kind, come from agents
     */
    SubscribersCheck(Problems problems, List<CollectorConfig> collectors, boolean pulls) {
        this.problems = problems;
        this.pulls = pulls;
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
        if (orphan.isPresent() && collectors.isEmpty() && !pulls) {
            problems.warn(
                    section.placeOf(Key.USAGE_KEYS),
                    "'%s' will be empty in every row, as no collector receives the accounting of"
                            + " sessions; add one with protocol: radius",
                    orphan.get().label());
        }
    }

    /** What the section says, if anything is done at all. */
    @Nullable SubscribersConfig config(Section enhancements, List<UsageDefinition> usage) {
        Section section = enhancements.section(Key.SUBSCRIBERS);
        if (collectors.isEmpty() && enhancements.has(Key.SUBSCRIBERS)) {
            problems.warn(
                    enhancements.placeOf(Key.SUBSCRIBERS),
                    "'subscribers' has no effect, as no collector receives the accounting of"
                            + " sessions; add one with protocol: radius");
        }
        var config =
                new SubscribersConfig(
                        collectors,
                        section.quantity(Key.SUBSCRIBERS_WAIT),
                        section.quantity(Key.SUBSCRIBERS_KEEP));
        boolean wanted =
                usage.stream()
                        .filter(definition -> definition.counts().flows())
                        .anyMatch(one -> one.keys().stream().anyMatch(EndKey::isOfSessions));
        return wanted && !collectors.isEmpty() ? config : null;
    }
}
