package io.narwhal.collect;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.capture.Fate;
import io.narwhal.capture.FileDigest;
import io.narwhal.capture.Message;
import io.narwhal.capture.RecordFile;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Puts the datagrams of files into the journal, each file once, whatever is killed when.
 *
 * <p>Before the first datagram of a file is appended, the list of files durably says that it is the
 * current one, and how many datagrams the journal had then. What the journal has more than that is
 * of this file, so whoever comes after a crash knows from the journal itself how many datagrams of
 * it are in, and as the same file gives the same datagrams in the same order, goes on behind them.
 * What the list says was forced before it says so.
 */
public final class FileImport {
    /** Addresses and ports that captured datagrams may have gone to, over all files. */
    public static final int DESTINATIONS_MAX = 256;

    private static final long TELL_DATAGRAMS = 1_024;

    /** Is told what happens, and asked whether to go on. */
    public interface Watcher {
        /** So much of the file's size was looked at, and so many datagrams of it were found. */
        void progress(Path file, long bytes, long size, long datagrams);

        /** There is no room for more; it is tried again. */
        void waiting(String why);

        /** Whether to end as soon as can be; the file can be gone on with later. */
        boolean isStopped();
    }

    /**
     * How files are read.
     *
     * @param ports UDP ports whose datagrams are wanted; none: all that begin like a flow protocol
     * @param exporterHigh high half of the address that IPFIX files are from
     * @param exporterLow low half
     */
    public record Choice(Set<Integer> ports, long exporterHigh, long exporterLow) {
        /** Sorts the ports. */
        public Choice {
            ports = new TreeSet<>(ports);
        }
    }

    /** What became of a file. */
    public sealed interface Outcome {
        /** It is in the journal, as a whole or up to where it can be read. */
        record Processed(ProcessedFile file) implements Outcome {}

        /** Its content was processed before, under this name or another; nothing was done. */
        record Known(ProcessedFile before) implements Outcome {}

        /** It cannot be taken. The message says why, and what next. */
        record Refused(String message) implements Outcome {}

        /** The import was stopped; so many of its datagrams are in the journal. */
        record Stopped(long datagrams) implements Outcome {}
    }

    /** List and journal contradict each other. The message says what next. */
    public static final class Inconsistent extends RuntimeException {
        Inconsistent(String message) {
            super(message);
        }
    }

    private final Disk disk;
    private final Path directory;
    private final Clock clock;
    private final Watcher watcher;
    private final ImportBlocks blocks;
    private final Predicate<Message> requests;
    private ProcessedFiles list;

    /**
     * Goes on where list and journal end; nobody else may write either meanwhile.
     *
     * @param directory where the list is
     * @param last the journal's last frame, from which the totals are taken
     * @param requests whether a datagram is a genuine RADIUS request
     * @throws Inconsistent when the list is not that of the journal
     */
    public FileImport(
            Disk disk,
            Path directory,
            JournalWriter journal,
            JournalReader last,
            Clock clock,
            Watcher watcher,
            Predicate<Message> requests) {
        this.requests = requests;
        this.disk = disk;
        this.directory = directory;
        this.clock = clock;
        this.watcher = watcher;
        journal.force();
        journal.publish(journal.forced());
        this.blocks = new ImportBlocks(journal, last, clock, watcher);
        disk.createDirectories(directory);
        Optional<ProcessedFiles> known = ProcessedFiles.load(disk, directory);
        list = known.orElseGet(() -> ProcessedFiles.none(journal.journalId()));
        mustBeOne(journal.journalId());
        list = list.settled(blocks.datagramsTotal());
        list.save(disk, directory);
    }

    private void mustBeOne(long journalId) {
        long known = list.datagrams();
        long there = blocks.datagramsTotal();
        boolean agree =
                list.journalId() == journalId
                        && (list.current() == 0
                                ? known == there
                                : list.since() == known && there >= known);
        if (!agree) {
            throw new Inconsistent(
                    "the list of processed files in "
                            + directory
                            + " knows of "
                            + known
                            + " datagrams, the journal of imported ones has "
                            + there
                            + (list.journalId() == journalId ? "" : " and is another journal")
                            + "; nothing is imported, as it cannot be told what is already"
                            + " processed. Restore the data directory as a whole from one backup");
        }
    }

    /** The list as it is now. */
    public List<ProcessedFile> files() {
        return list.files();
    }

    /**
     * Takes a file in.
     *
     * @throws DiskFailure when the data directory cannot be written
     */
    public Outcome take(Path file, Choice choice) {
        String name = file.toString();
        List<Long> sizes = list.files().stream().map(ProcessedFile::size).toList();
        FileDigest digest;
        try {
            digest = FileDigest.of(disk, file, sizes, at -> tell(file, 0, at, 0));
        } catch (DiskFailure e) {
            return new Outcome.Refused(String.valueOf(e.getMessage())); // others may be readable
        }
        Optional<ProcessedFile> same = list.find(digest.sha256());
        if (same.isPresent() && same.get().state() != ProcessedFile.State.BEGUN) {
            return new Outcome.Known(same.get());
        }
        if (same.isEmpty()) {
            Optional<String> reason = whyNot(name, digest);
            if (reason.isPresent()) {
                return new Outcome.Refused(reason.get());
            }
        }
        return switch (RecordFile.open(disk, file, choice.ports())) {
            case RecordFile.Opened.Foreign(String message) -> new Outcome.Refused(message);
            case RecordFile.Opened.Readable(RecordFile opened) -> {
                try (opened) {
                    ProcessedFile entry =
                            same.orElseGet(() -> begin(name, digest, opened.format(), choice));
                    yield differs(entry, choice)
                            ? new Outcome.Refused(
                                    name
                                            + ": was begun "
                                            + described(entry)
                                            + "; give the same options to go on with it")
                            : read(opened, file, entry, choice);
                }
            }
        };
    }

    // Content that is new may yet be a part of what is known, which would be counted twice.
    private Optional<String> whyNot(String name, FileDigest digest) {
        Optional<ProcessedFile> begun = list.begunAs(name);
        if (begun.isPresent()) {
            return Optional.of(
                    name
                            + ": has changed since "
                            + begun.get().datagrams()
                            + " datagrams of it were imported: it had "
                            + begun.get().size()
                            + " bytes and SHA-256 "
                            + begun.get().sha256()
                            + "; put that file back to go on with it, or give the new one another"
                            + " name to import it as other data");
        }
        return list.files().stream()
                .filter(one -> one.datagrams() > 0 && one.size() < digest.size())
                .filter(one -> one.sha256().equals(digest.prefixes().get(one.size())))
                .findFirst()
                .map(
                        one ->
                                name
                                        + ": begins with all of "
                                        + one.name()
                                        + " ("
                                        + one.size()
                                        + " bytes), which was imported when it was shorter;"
                                        + " importing it would count that part twice. Cut that"
                                        + " part off with editcap or the like, and import the"
                                        + " rest");
    }

    private ProcessedFile begin(
            String name, FileDigest digest, RecordFile.Format format, Choice choice) {
        boolean capture = format != RecordFile.Format.IPFIX;
        return new ProcessedFile(
                list.files().size() + 1,
                name,
                digest.size(),
                digest.sha256(),
                format.label(),
                capture ? List.copyOf(choice.ports()) : List.of(),
                capture ? "" : exporter(choice),
                ProcessedFile.State.BEGUN,
                now(),
                null,
                0,
                0,
                Map.of(),
                null);
    }

    private static String exporter(Choice choice) {
        String text = Addresses.text(choice.exporterHigh(), choice.exporterLow());
        return text.isEmpty() ? "::" : text;
    }

    private static boolean differs(ProcessedFile entry, Choice choice) {
        return entry.exporter().isEmpty()
                ? !entry.ports().equals(List.copyOf(choice.ports()))
                : !entry.exporter().equals(exporter(choice));
    }

    /** How a file was read, as options. */
    private static String described(ProcessedFile entry) {
        if (!entry.exporter().isEmpty()) {
            return "with --exporter " + entry.exporter();
        }
        return entry.ports().isEmpty()
                ? "without --port"
                : "with --port "
                        + String.join(",", entry.ports().stream().map(String::valueOf).toList());
    }

    private Outcome read(RecordFile opened, Path file, ProcessedFile entry, Choice choice) {
        list = list.with(entry).at(entry.number(), blocks.datagramsTotal());
        list.save(disk, directory);
        var session =
                new ImportBlocks.Session(
                        entry.number(), choice.exporterHigh(), choice.exporterLow());
        ImportBlocks.@Nullable Session own =
                opened.format() == RecordFile.Format.IPFIX ? session : null;
        var reading = new Reading(opened, file, entry, own);
        try {
            while (reading.step()) {
                if (reading.taken % TELL_DATAGRAMS == 0 && watcher.isStopped()) {
                    return stopped(entry);
                }
            }
        } catch (ImportBlocks.Stopped e) {
            return stopped(entry);
        }
        return end(reading, opened, entry);
    }

    private Outcome stopped(ProcessedFile entry) {
        blocks.discard();
        blocks.force();
        list = list.settled(blocks.datagramsTotal());
        list.save(disk, directory);
        return new Outcome.Stopped(list.files().get(entry.number() - 1).datagrams());
    }

    private Outcome end(Reading reading, RecordFile opened, ProcessedFile entry) {
        reading.end();
        blocks.force();
        list = list.settled(blocks.datagramsTotal());
        boolean same = opened.digest().equals(entry.sha256());
        String problem = opened.broken().isEmpty() ? null : opened.broken();
        if (!same) {
            problem =
                    entry.name()
                            + ": changed while it was read; what was found in it is in the journal"
                            + " and stays";
        }
        long known = list.files().get(entry.number() - 1).datagrams();
        Check.that(!same || known == reading.taken, "the journal has each datagram of the file");
        ProcessedFile ended =
                entry.ended(
                        same ? ProcessedFile.State.PROCESSED : ProcessedFile.State.CHANGED,
                        now(),
                        known,
                        reading.octets,
                        opened.counts().byLabel(),
                        problem);
        list = list.with(ended);
        list.save(disk, directory);
        return new Outcome.Processed(ended);
    }

    /**
     * Closes every bin of what was imported, so that all of it is delivered. If there is no room
     * for that and the import is to end, the next one does it.
     */
    public void close() {
        try {
            blocks.close();
        } catch (ImportBlocks.Stopped e) {
            blocks.discard();
        }
    }

    private int listen(Message message) {
        String destination =
                Addresses.text(message.destinationHigh(), message.destinationLow())
                        + " port "
                        + message.destinationPort();
        int number = list.destinations().indexOf(destination);
        if (number < 0 && list.destinations().size() < DESTINATIONS_MAX) {
            number = list.destinations().size();
            list = list.withDestination(destination);
            // Durable before a block has the number: it must never come to mean another.
            list.save(disk, directory);
        }
        return number;
    }

    private void tell(Path file, long fileBytes, long digested, long datagrams) {
        watcher.progress(file, fileBytes, digested, datagrams);
    }

    private String now() {
        return Instant.ofEpochMilli(clock.wallMicros() / 1_000).toString();
    }

    /** One pass over one file. */
    private final class Reading {
        private final RecordFile opened;
        private final Path file;
        private final ProcessedFile entry;
        private final ImportBlocks.@Nullable Session session;
        private long taken;
        private long octets;
        private long lastMicros;
        private long lastHigh;
        private long lastLow;
        private int lastPort = -1;
        private int lastListen = -1;

        Reading(
                RecordFile opened,
                Path file,
                ProcessedFile entry,
                ImportBlocks.@Nullable Session session) {
            this.opened = opened;
            this.file = file;
            this.entry = entry;
            this.session = session;
        }

        /** Takes one message; false when there is none left. */
        boolean step() {
            if (opened.next() != RecordFile.Step.MESSAGE) {
                return false;
            }
            Message message = opened.message();
            int listen = session == null ? listenOf(message) : 0;
            if (listen < 0) {
                opened.refuse(Fate.DESTINATION_LIMIT);
                return true;
            }
            if (taken >= entry.datagrams()) {
                add(message, listen);
            }
            taken++;
            octets += message.length();
            lastMicros = message.micros();
            if (taken % TELL_DATAGRAMS == 0) {
                tell(file, opened.fileBytes(), entry.size(), taken);
            }
            return true;
        }

        private void add(Message message, int listen) {
            ImportBlocks.Session own = session;
            if (own == null) {
                boolean request = requests.test(message);
                blocks.add(
                        message,
                        request ? ReceivedBlock.Kind.REQUESTS : ReceivedBlock.Kind.DATAGRAMS,
                        listen,
                        entry.number());
                return;
            }
            if (taken == 0) {
                blocks.mark(ReceivedBlock.Kind.SESSION_BEGAN, own, message.micros());
            }
            blocks.add(message, own);
        }

        // Nearly always the same destination as before.
        private int listenOf(Message message) {
            if (message.destinationPort() != lastPort
                    || message.destinationLow() != lastLow
                    || message.destinationHigh() != lastHigh) {
                lastPort = message.destinationPort();
                lastLow = message.destinationLow();
                lastHigh = message.destinationHigh();
                lastListen = listen(message);
            }
            return lastListen;
        }

        void end() {
            blocks.flush();
            ImportBlocks.Session own = session;
            if (own != null && taken > 0) {
                blocks.mark(ReceivedBlock.Kind.SESSION_ENDED, own, lastMicros);
            }
            tell(file, entry.size(), entry.size(), taken);
        }
    }
}
