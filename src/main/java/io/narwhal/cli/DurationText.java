package io.narwhal.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** How long, as a user writes it: 20s, 0.3s, 5m, 1h30m or PT1H. */
final class DurationText {
    private DurationText() {}

    /**
     * Milliseconds.
     *
     * @param option that has the text, for the message
     * @throws IllegalArgumentException when it is no duration
     */
    static long ms(String option, String text) {
        String iso = text.toUpperCase(Locale.ROOT);
        try {
            return Duration.parse(iso.startsWith("P") ? iso : "PT" + iso).toMillis();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    option + " is '" + text + "'; write it as 20s, 5m or PT1H", e);
        }
    }
}
