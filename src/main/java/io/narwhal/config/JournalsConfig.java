package io.narwhal.config;

/**
 * Settings of the two kinds of journal.
 *
 * @param received what collectors write: datagrams as they came
 * @param usage what the accounting component writes: usage rows
 */
public record JournalsConfig(JournalSettings received, JournalSettings usage) {}
