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

    private static String usage(String keys) {
        return "usage: { a: { keys: [" + keys + "], records: flows } }\n";
    }

    @Test
    void itIsOnByItselfWhereSomebodyAsksAndSomebodyTells() throws IOException {
        var valid = load(FLOWS + ACCT + usage("subscriber, direction"));
        assertThat(valid.config().enhance().subscribers())
                .isEqualTo(new SubscribersConfig(List.of("acct"), 30_000, 86_400_000));
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
                .isEqualTo(new SubscribersConfig(List.of("acct"), 5_000, 7_200_000));
    }

    @Test
    void nothingIsDoneWhereNoUsageOfFlowsAsks() throws IOException {
        assertThat(load(FLOWS + ACCT + usage("src_addr")).config().enhance().subscribers())
                .isNull();
        String sessions = usage("subscriber").replace("records: flows", "records: sessions");
        assertThat(load(FLOWS + ACCT + sessions).config().enhance().subscribers()).isNull();
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
