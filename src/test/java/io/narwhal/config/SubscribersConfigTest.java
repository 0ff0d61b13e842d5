package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** When flows get subscribers, and what is warned of when nothing can fill them in. */
class SubscribersConfigTest {
    private static final String FLOWS =
            "collectors:\n  flows: { protocol: netflow, listen: \"127.0.0.1:1\" }\n";
    private static final String ACCT =
            "  acct: { protocol: radius, listen: \"127.0.0.1:2\", clients: [ { address:"
                    + " 192.0.2.0/24, secret-file: ./s } ] }\n";

    @TempDir private Path directory;

    private Loaded.Valid load(String text) throws IOException {
        Files.writeString(directory.resolve("s"), "a-long-shared-secret");
        return switch (ConfigLoader.load(directory.resolve("n.yaml"), text)) {
            case Loaded.Valid valid -> valid;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    private List<String> problems(String text) throws IOException {
        Files.writeString(directory.resolve("s"), "a-long-shared-secret");
        return switch (ConfigLoader.load(directory.resolve("n.yaml"), text)) {
            case Loaded.Valid valid -> throw new AssertionError(valid.warnings());
            case Loaded.Invalid(var problems) -> problems.stream().map(Problem::message).toList();
        };
    }

    private static String usage(String keys) {
        return "usage: { a: { keys: [" + keys + "], records: flows } }\n";
    }

    @Test
    void itIsOnByItselfWhereSomebodyAsksAndSomebodyTells() throws IOException {
        var valid = load(FLOWS + ACCT + usage("subscriber, direction"));
        assertThat(valid.config().enhance().subscribers())
                .isEqualTo(new SubscribersConfig(List.of("acct"), List.of(), 30_000, 86_400_000));
        assertThat(valid.warnings()).isEmpty();
        assertThat(valid.config().withoutCollectors().enhance().subscribers())
                .isEqualTo(valid.config().enhance().subscribers());
    }

    @Test
    void itCanBeTold() throws IOException {
        var valid =
                load(
                        FLOWS
                                + ACCT
                                + usage("src_nas")
                                + "enhance: { subscribers: { wait: 5s, keep: 2h } }\n");
        assertThat(valid.config().enhance().subscribers())
                .isEqualTo(new SubscribersConfig(List.of("acct"), List.of(), 5_000, 7_200_000));
    }

    @Test
    void nothingIsDoneWhereNoUsageOfFlowsAsks() throws IOException {
        assertThat(load(FLOWS + ACCT + usage("src_addr")).config().enhance().subscribers())
                .isNull();
        String sessions = usage("subscriber").replace("records: flows", "records: sessions");
        assertThat(load(FLOWS + ACCT + sessions).config().enhance().subscribers()).isNull();
    }

    private static String pull(String more) {
        return "pull: { edge-1: { address: \"127.0.0.1:4747\", tls: none" + more + " } }\n";
    }

    @Test
    void pulledFlowsHaveSubscribersWhereALinkSaysWhoTellsOfThem() throws IOException {
        var config = load(pull(", sessions: [acct, b]") + usage("subscriber")).config();
        assertThat(config.enhance().subscribers())
                .isEqualTo(
                        new SubscribersConfig(
                                List.of(), List.of("edge-1/acct", "edge-1/b"), 30_000, 86_400_000));
    }

    @Test
    void pulledFlowsThatNobodyTellsSubscribersOfAreRefused() throws IOException {
        String text = pull("") + usage("subscriber");
        assertThat(problems(text))
                .anyMatch(
                        one -> one.contains("'subscriber' of flows that are pulled is known only"))
                .anyMatch(one -> one.contains("add sessions: [ COLLECTOR ]"));
        assertThat(load(text.replace("records: flows", "records: sessions")).warnings()).isEmpty();
        assertThat(problems(pull(", journal: usage, sessions: [acct]") + usage("subscriber")))
                .anyMatch(one -> one.contains("'sessions' is for links with journal: received"));
    }

    @Test
    void aKeyThatNothingCanFillIsWarnedOf() throws IOException {
        var valid = load(FLOWS + usage("dst_session_id") + "enhance: { subscribers: {} }\n");
        assertThat(valid.config().enhance().subscribers()).isNull();
        assertThat(valid.warnings().stream().map(Problem::message))
                .anyMatch(one -> one.contains("'dst_session_id' will be empty in every row"))
                .anyMatch(one -> one.contains("'subscribers' has no effect"));
    }
}
