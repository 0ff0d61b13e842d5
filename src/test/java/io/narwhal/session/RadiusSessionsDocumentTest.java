package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Holds docs/protocols/radius-sessions.md against the tests and the code. */
class RadiusSessionsDocumentTest {
    private static String page() throws IOException {
        return Files.readString(Path.of("docs/protocols/radius-sessions.md"));
    }

    @Test
    void everyRuleNamesATestThatIsThereAndEveryTestIsOfARule() throws IOException {
        Set<String> named =
                Pattern.compile("`([a-z][a-z]*[A-Z]\\w*)`")
                        .matcher(page())
                        .results()
                        .map(match -> match.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tests =
                Arrays.stream(SessionsTest.class.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(Test.class))
                        .map(method -> method.getName())
                        .collect(Collectors.toCollection(TreeSet::new));
        tests.remove("theWatcherHearsOfWhoHoldsWhatButNotOfCounters");
        assertThat(named).isEqualTo(tests);
    }

    @Test
    void limitsAreThoseOfTheCode() throws IOException {
        assertThat(page())
                .contains("**Tolerance**: " + Event.TOLERANCE_MS / 1000 + " s")
                .contains("tells the time of an event, " + Event.SETTLED_MS / 60_000 + " min")
                .contains("more than " + Event.AHEAD_MS / 60_000 + " min ahead")
                .contains("or " + Event.BEHIND_MS / 86_400_000 + " days behind")
                .contains("at most " + Sessions.SPREAD_MS / 86_400_000 + " days")
                .contains("lower, within " + Event.REORDER_MS / 1000 + " s")
                .contains("The last " + Prints.LIMIT + " of each session")
                .contains("more than " + Counters.OCTETS_PER_SECOND_MAX * 8 / 1_000_000_000 + " Gb")
                .contains("(" + Counters.PACKET_OCTETS_MIN + " octets each)")
                .contains(String.format("| %,d devices", Devices.DEVICES_MAX))
                .contains(String.format("by %,d addresses", Devices.SENDERS_MAX));
        assertThat(Sessions.SESSIONS_OF_ID_MAX).as("a ninth session of one id").isEqualTo(8);
    }
}
