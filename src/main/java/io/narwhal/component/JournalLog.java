package io.narwhal.component;

import io.narwhal.journal.Recovered;

import org.slf4j.Logger;

/** Tells the log what opening a journal found. */
final class JournalLog {
    private JournalLog() {}

    static void tell(Logger log, Recovered recovered) {
        if (recovered.cutBytes() > 0) {
            log.warn(
                    "cut a torn tail of {} bytes at position {}; kept: {}",
                    recovered.cutBytes(),
                    recovered.cutFrom(),
                    recovered.kept());
        }
        recovered.damage().forEach(damage -> log.error("damaged journal: {}", damage.line()));
        recovered.notes().forEach(log::info);
    }
}
