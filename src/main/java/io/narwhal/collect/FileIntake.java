package io.narwhal.collect;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFull;
import io.narwhal.base.FileStamp;
import io.narwhal.capture.FileDigest;
import io.narwhal.capture.LineFile;
import io.narwhal.config.FilesConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.lines.LineDecoder;
import io.narwhal.record.Dictionary;
import io.narwhal.record.LineEntry;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts the lines of the files of one directory into the journal, each file once, whatever is killed
 * when. What is done with which file is said in docs/operations/files.md.
 *
 * <p>Before the first line of a file is appended, the state durably says that it is the current
 * one, and how many lines the journal had then. What the journal has more than that is of this
 * file; so whoever comes after a crash knows how many of its lines are in, and as the same bytes
 * give the same lines in the same order, goes on behind them. What the state says was forced before
 * it says so.
 */
public final class FileIntake implements AutoCloseable {
    /** Contents that are known at the most; beyond, the oldest that are gone are forgotten. */
    static final int KNOWN_MAX = 1_000_000;

    private static final long RETRY_MS = 100;
    private static final String CHANGED = "it was changed";

    /** Is told what happens, and asked whether to go on. */
    public interface Watcher {
        /** It works, with this; empty: it waits for files. Called at least once for each MiB. */
        void working(String with);

        /** There is no room for more; it is tried again. */
        void waiting(String why);

        /** What the operator should know, a line. */
        void tell(String line);

        /** Whether to end as soon as can be; the file can be gone on with later. */
        boolean isStopped();

        /** Whether no further file is to be begun. */
        boolean isEnding();
    }

    /** Somebody wants the intake to end, in the middle of a file. */
    static final class Stopped extends RuntimeException {
        Stopped() {
            super("the intake of files was stopped");
        }
    }

    /** State, list and journal contradict each other. The message says what next. */
    public static final class Inconsistent extends RuntimeException {
        Inconsistent(String message) {
            super(message);
        }
    }

    /** A file that is looked at until it has settled. */
    private record Seen(FileStamp stamp, long sinceNanos, int looks) {}

    /** A file that has settled. */
    private record Settled(String name, FileStamp stamp) {}

    private final Disk disk;
    private final Path directory;
    private final FilesConfig config;
    private final Clock clock;
    private final Watcher watcher;
    private final LineBlocks blocks;
    private final TakenFiles list;
    private final KnownFiles known;
    private final Map<String, Seen> seen = new TreeMap<>();
    private final Map<String, FilesState.Refused> refused = new TreeMap<>();
    private final Set<String> unmovable = new HashSet<>();
    private Set<String> names = Set.of();
    private FilesState state;
    private boolean refusedChanged;
    private String missing = "";

    /**
     * Goes on where state and journal end; nobody else may write either meanwhile.
     *
     * @param directory where the state is
     * @param last the journal's last frame, from which the totals are taken
     * @param forceMs how often the journal is forced while lines come
     * @throws Inconsistent when the state is not that of the journal
     */
    public FileIntake(
            Disk disk,
            Path directory,
            FilesConfig config,
            JournalWriter journal,
            JournalReader last,
            Clock clock,
            Watcher watcher,
            long forceMs) {
        this.disk = disk;
        this.directory = directory;
        this.config = config;
        this.clock = clock;
        this.watcher = watcher;
        journal.force();
        journal.publish(journal.forced());
        blocks = new LineBlocks(journal, last, clock, watcher, forceMs);
        disk.createDirectories(directory);
        Optional<FilesState> there = FilesState.load(disk, directory);
        boolean hasList = disk.exists(directory.resolve(TakenFiles.FILE));
        state = there.orElseGet(() -> FilesState.none(journal.journalId()));
        mustBeOne(journal.journalId(), there.isPresent() || !hasList);
        if (there.isEmpty()) {
            save(state); // before there is a list, as a list without it is of a state that is lost
        }
        names = namesThere();
        known = new KnownFiles(name -> names.contains(name)); // as they are at the time
        list = TakenFiles.open(disk, directory, known::add);
        forget();
        settle();
        save(state.with(List.of()));
    }

    private void mustBeOne(long journalId, boolean isWhole) {
        long there = blocks.linesTotal();
        boolean agree =
                isWhole
                        && state.journalId() == journalId
                        && (state.current() == null
                                ? there == state.lines()
                                : there >= state.lines());
        if (!agree) {
            throw new Inconsistent(
                    "the state of files in "
                            + directory
                            + " knows of "
                            + state.lines()
                            + " lines, the journal has "
                            + there
                            + (state.journalId() == journalId ? "" : " and is another journal")
                            + "; nothing is taken, as it cannot be told what was. Restore the data"
                            + " directory as a whole from one backup, or give the collector another"
                            + " name to begin anew");
        }
    }

    // What the journal has taken since the state was written is of the current file.
    private void settle() {
        TakenFile current = state.current();
        if (current == null) {
            return;
        }
        long lines = current.lines() + blocks.linesTotal() - state.lines();
        TakenFile listed = known.numbered(current.number()).orElse(null);
        boolean ended =
                listed != null && listed.lines() == lines && listed.ended() >= current.began();
        state = state.at(ended ? null : current.withLines(lines), blocks.linesTotal());
    }

    // Not at each start, as it writes all that is kept.
    private void forget() {
        long before = clock.wallMicros() - config.rememberMs() * 1_000;
        TakenFile current = state.current();
        long currentNumber = current == null ? 0 : current.number();
        long[] old = {0};
        long[] all = {0};
        TakenFiles.read(
                disk,
                directory,
                one -> {
                    all[0]++;
                    old[0] += one.ended() < before && !names.contains(one.name()) ? 1 : 0;
                });
        if (2 * old[0] <= all[0] && known.size() <= KNOWN_MAX) {
            return;
        }
        long tooMany = known.numberMax() - KNOWN_MAX;
        list.keep(
                one ->
                        names.contains(one.name())
                                || one.number() == currentNumber
                                || one.ended() >= before && one.number() > tooMany);
        watcher.tell("files that are gone and were taken long ago are forgotten: " + old[0]);
    }

    /** Lines that the journal has ever taken. */
    public long linesTotal() {
        return blocks.linesTotal();
    }

    /**
     * Takes what has settled, and what a predecessor had begun.
     *
     * @return false when it was stopped in the middle of a file
     */
    public boolean look() {
        try {
            watcher.working("");
            names = namesThere();
            seen.keySet().retainAll(names);
            refusedChanged |= refused.keySet().retainAll(names);
            known.gone(name -> !names.contains(name));
            resume();
            for (Settled one : settled()) {
                if (watcher.isEnding()) {
                    break;
                }
                take(one);
            }
            blocks.tick();
        } catch (Stopped e) {
            blocks.discard();
            blocks.force();
            return false;
        }
        if (refusedChanged) {
            refusedChanged = false;
            save(state.with(List.copyOf(refused.values())));
        }
        return true;
    }

    private Set<String> namesThere() {
        Set<String> wanted = new HashSet<>();
        try {
            if (!disk.exists(config.directory())) {
                say(config.directory() + " does not exist");
                return wanted;
            }
            for (String name : disk.list(config.directory())) {
                if (config.wants(name)) {
                    wanted.add(name);
                }
            }
            missing = "";
        } catch (DiskFailure e) {
            say(String.valueOf(e.getMessage()));
        }
        return wanted;
    }

    private void say(String why) {
        if (!why.equals(missing)) {
            missing = why;
            watcher.tell(why + "; nothing is taken until it can be read");
        }
    }

    /** Why the directory cannot be read; empty when it can. */
    public String missing() {
        return missing;
    }

    /** How many files are there and cannot be taken. */
    public int refused() {
        return refused.size();
    }

    private List<Settled> settled() {
        List<Settled> settled = new ArrayList<>();
        for (String name : names) {
            stamp(name)
                    .filter(stamp -> isNew(name, stamp) && hasSettled(name, stamp))
                    .ifPresent(stamp -> settled.add(new Settled(name, stamp)));
        }
        settled.sort(
                Comparator.comparingLong((Settled one) -> one.stamp().modifiedMicros())
                        .thenComparing(Settled::name));
        return settled;
    }

    private Optional<FileStamp> stamp(String name) {
        try {
            return disk.stamp(config.directory().resolve(name));
        } catch (DiskFailure e) {
            return Optional
                    .empty(); // it may have been renamed just now; if it stays, it comes again
        }
    }

    private boolean isNew(String name, FileStamp stamp) {
        TakenFile before = known.named(name).orElse(null);
        if (before != null
                && !before.state().isBroken()
                && before.size() == stamp.sizeBytes()
                && before.modified() == stamp.modifiedMicros()
                // What is to be moved and is there may be another file that came in its place.
                && (!config.move() || unmovable.contains(name))) {
            return false;
        }
        FilesState.Refused no = refused.get(name);
        return no == null
                || no.size() != stamp.sizeBytes()
                || no.modified() != stamp.modifiedMicros();
    }

    // Two looks at least: a file that is copied may have an old time of change from its first byte.
    private boolean hasSettled(String name, FileStamp stamp) {
        long now = clock.monotonicNanos();
        Seen before = seen.get(name);
        if (before == null || !before.stamp().equals(stamp)) {
            seen.put(name, new Seen(stamp, now, 1));
            return false;
        }
        seen.put(name, new Seen(stamp, before.sinceNanos(), before.looks() + 1));
        long age = clock.wallMicros() - stamp.modifiedMicros();
        return now - before.sinceNanos() >= config.settleMs() * 1_000_000
                || age >= config.settleMs() * 1_000;
    }

    private void take(Settled one) {
        FileStamp stamp = one.stamp();
        if (stamp.sizeBytes() == 0) {
            refuse(one, "is empty; it is taken when it has lines");
        } else if (stamp.sizeBytes() > config.largestBytes()) {
            refuse(
                    one,
                    "has "
                            + stamp.sizeBytes()
                            + " bytes, and 'largest' allows "
                            + config.largestBytes()
                            + "; split it, or allow more");
        } else {
            FileDigest digest;
            try {
                digest = digest(one.name(), known.newest().map(TakenFile::size).toList());
            } catch (DiskFailure e) {
                refuse(one, String.valueOf(e.getMessage()));
                return;
            }
            if (digest.size() == stamp.sizeBytes()) {
                take(one, digest);
            } else {
                seen.remove(one.name()); // it has not settled after all
            }
        }
    }

    private FileDigest digest(String name, Iterable<Long> lengths) {
        return FileDigest.of(
                disk,
                config.directory().resolve(name),
                lengths,
                bytes -> beat("reading " + name + ": " + bytes + " bytes"));
    }

    private void beat(String with) {
        watcher.working(with);
        if (watcher.isStopped()) {
            throw new Stopped();
        }
        if (blocks.gathered() == 0) {
            blocks.tick();
        }
    }

    private void beatLong(long bytes) {
        watcher.working("passing over a line that is too long, at byte " + bytes);
        if (watcher.isStopped()) {
            throw new Stopped();
        }
    }

    private void take(Settled one, FileDigest digest) {
        String name = one.name();
        long number = known.number(digest.sha256());
        TakenFile same = number == 0 ? null : known.numbered(number).orElse(null);
        if (number != 0 && (same == null || same.state() == TakenFile.State.TAKEN)) {
            repeated(one, digest, number, same);
            return;
        }
        if (same != null && same.state() == TakenFile.State.INTERRUPTED) {
            goOn(same.as(name, one.stamp().modifiedMicros()));
            return;
        }
        TakenFile broken =
                known.named(name)
                        .filter(before -> before.state().isBroken() && before.lines() > 0)
                        .orElse(null);
        TakenFile prefix = prefix(digest);
        if (same != null) { // it was changed while it was taken, and has changed back
            refuse(one, notWhatItWas(same));
        } else if (broken != null
                && broken == prefix
                && broken.state() == TakenFile.State.INTERRUPTED) {
            goOn(broken.as(name, one.stamp().modifiedMicros()));
        } else if (broken != null) {
            refuse(one, notWhatItWas(broken));
        } else {
            begin(one, digest, prefix);
        }
    }

    private static String notWhatItWas(TakenFile before) {
        return "is not what it was when "
                + before.lines()
                + " of its lines were taken as file "
                + before.number()
                + (before.state() == TakenFile.State.INTERRUPTED
                        ? "; put that content back (SHA-256 " + before.sha256() + "), or"
                        : ";")
                + " give what you want to take of it another name";
    }

    /** The largest known file that this one begins with; null when there is none. */
    private @Nullable TakenFile prefix(FileDigest digest) {
        return known.newest()
                .filter(other -> other.lines() > 0) // a header alone is the beginning of many
                .filter(other -> other.size() < digest.size())
                .filter(other -> other.sha256().equals(digest.prefixes().get(other.size())))
                .max(Comparator.comparingLong(TakenFile::size))
                .orElse(null);
    }

    private void repeated(Settled one, FileDigest digest, long number, @Nullable TakenFile before) {
        TakenFile here = known.named(one.name()).orElse(null);
        if (config.move()
                && here != null
                && here.sha256().equals(digest.sha256())
                && here.modified() == one.stamp().modifiedMicros()) {
            moveIfDone(here); // a predecessor ended before it could
            return;
        }
        String note =
                "the same content as file "
                        + number
                        + (before == null ? "" : ", " + before.name())
                        + ", which was taken; nothing of it was taken again";
        watcher.tell(one.name() + ": " + note);
        end(entry(one, digest, 0).ended(TakenFile.State.REPEATED, 0, clock.wallMicros(), note));
    }

    private TakenFile entry(Settled one, FileDigest digest, long from) {
        return new TakenFile(
                known.numberMax() + 1,
                one.name(),
                digest.size(),
                digest.sha256(),
                one.stamp().modifiedMicros(),
                TakenFile.State.TAKING,
                from,
                0,
                clock.wallMicros(),
                0,
                null);
    }

    private void begin(Settled one, FileDigest digest, @Nullable TakenFile prefix) {
        Optional<String> problem = problem(one.name(), digest.size(), prefix);
        if (problem.isPresent()) {
            refuse(one, problem.get());
            return;
        }
        if (prefix != null) {
            watcher.tell(
                    one.name()
                            + ": begins with all of file "
                            + prefix.number()
                            + ", "
                            + prefix.name()
                            + ", which was taken; what stands behind it is taken");
        } else {
            known.named(one.name())
                    .ifPresent(
                            before ->
                                    watcher.tell(
                                            one.name()
                                                    + ": has other content than file "
                                                    + before.number()
                                                    + " of that name; it is taken as a new file"));
        }
        goOn(entry(one, digest, prefix == null ? 0 : prefix.size()));
    }

    // What can be known before the first line of it is taken: afterwards it is too late.
    private Optional<String> problem(String name, long size, @Nullable TakenFile prefix) {
        Path path = config.directory().resolve(name);
        try (var file = LineFile.open(disk, path, size, this::beatLong)) {
            return problem(name, path, file, prefix);
        } catch (DiskFailure e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> problem(
            String name, Path path, LineFile file, @Nullable TakenFile prefix) {
        boolean hasLine = file.next();
        if (hasLine && config.mapping().hasHeader()) {
            String wrong = file.isLong() ? "its header line is too long" : layout(file);
            if (!wrong.isEmpty()) {
                return Optional.of("cannot be read by 'fields': " + wrong);
            }
        }
        if (prefix != null
                && (file.isPacked()
                        || !prefix.name().equals(name)
                        || !endsLine(path, prefix.size()))) {
            return Optional.of(
                    "begins with all of file "
                            + prefix.number()
                            + ", "
                            + prefix.name()
                            + " ("
                            + prefix.size()
                            + " bytes), whose lines would count twice; cut that part off, or if"
                            + " it is other data, put an empty line before it");
        }
        while (file.isPacked() && file.next()) {
            if (file.number() % LineBlocks.ENTRIES_MAX == 0) {
                beat("unpacking " + name + ": " + file.fileBytes() + " bytes");
            }
        }
        if (!file.failure().isEmpty()) {
            return Optional.of(file.failure() + "; put it there whole");
        }
        return hasLine ? Optional.empty() : Optional.of("has no line; it is taken when it has");
    }

    private String layout(LineFile file) {
        var decoder =
                new LineDecoder(
                        config.mapping(), new RecordBlock(Set.of()), new Dictionary(), _ -> {});
        return decoder.layout(header(file)).problem();
    }

    private static byte[] header(LineFile file) {
        return Arrays.copyOfRange(file.bytes(), file.offset(), file.offset() + file.length());
    }

    private boolean endsLine(Path path, long size) {
        var last = ByteBuffer.allocate(1);
        try (var file = disk.open(path, Disk.Mode.READ)) {
            return file.read(last, size - 1) == 1 && last.get(0) == '\n';
        }
    }

    /** Goes on with what a predecessor had begun, if anything. */
    private void resume() {
        TakenFile current = state.current();
        if (current == null) {
            return;
        }
        String why = CHANGED;
        try {
            FileDigest digest = digest(current.name(), List.of(current.size()));
            if (current.sha256().equals(digest.prefixes().get(current.size()))) {
                why = "";
            }
        } catch (DiskFailure e) {
            why = String.valueOf(e.getMessage());
        }
        if (why.isEmpty()) {
            read(current);
        } else {
            interrupted(current, why);
        }
    }

    private void goOn(TakenFile file) {
        blocks.force();
        save(state.at(file, blocks.linesTotal()));
        read(file);
    }

    private void read(TakenFile file) {
        Path path = config.directory().resolve(file.name());
        String unreadable = "";
        boolean same = false;
        try (var lines = opened(path, file.size())) {
            var reading = new Reading(file, lines);
            while (next(lines)) {
                reading.take();
            }
            same = digest(lines).equals(file.sha256()) && lines.failure().isEmpty();
        } catch (Unreadable e) {
            unreadable = String.valueOf(e.getMessage());
        }
        blocks.flush();
        if (!unreadable.isEmpty()) {
            interrupted(file, unreadable);
        } else if (same) {
            ended(file, TakenFile.State.TAKEN, null);
        } else {
            ended(
                    file,
                    TakenFile.State.CHANGED,
                    "it was changed while it was taken: what was found in it stays, and no more of"
                            + " it can be taken");
        }
    }

    private LineFile opened(Path path, long size) throws Unreadable {
        try {
            return LineFile.open(disk, path, size, this::beatLong);
        } catch (DiskFailure e) {
            throw new Unreadable(e);
        }
    }

    // A failure of the file is not one of the journal, which ends the collector.
    private static boolean next(LineFile lines) throws Unreadable {
        try {
            return lines.next();
        } catch (DiskFailure e) {
            throw new Unreadable(e);
        }
    }

    private static String digest(LineFile lines) throws Unreadable {
        try {
            return lines.digest();
        } catch (DiskFailure e) {
            throw new Unreadable(e);
        }
    }

    /** The file that is taken cannot be read any further. */
    private static final class Unreadable extends Exception {
        Unreadable(DiskFailure cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** One pass over one file. */
    private final class Reading {
        private final TakenFile file;
        private final LineFile lines;
        private boolean needsHeader = config.mapping().hasHeader();
        private long passed;

        Reading(TakenFile file, LineFile lines) {
            this.file = file;
            this.lines = lines;
            blocks.file(file.number(), file.name());
        }

        void take() {
            if (needsHeader) {
                needsHeader = false;
                add(LineEntry.HEADER);
                return;
            }
            if (lines.position() < file.from() || passed++ < file.lines()) {
                if (lines.number() % LineBlocks.ENTRIES_MAX == 0) {
                    beat();
                }
                return;
            }
            long before = blocks.linesTotal();
            add(lines.isLong() ? LineEntry.LONG_LINE : LineEntry.LINE);
            if (blocks.linesTotal() != before) {
                beat();
            }
        }

        private void add(LineEntry entry) {
            blocks.add(
                    entry,
                    file.number(),
                    lines.number(),
                    lines.bytes(),
                    lines.offset(),
                    lines.length());
        }

        private void beat() {
            watcher.working(
                    "taking "
                            + file.name()
                            + ": line "
                            + lines.number()
                            + ", "
                            + 100 * lines.fileBytes() / file.size()
                            + " %");
            if (watcher.isStopped()) {
                blocks.flush();
                throw new Stopped();
            }
        }
    }

    private void interrupted(TakenFile file, String why) {
        ended(
                file,
                TakenFile.State.INTERRUPTED,
                "it went away while it was taken ("
                        + why
                        + "); when the same content is there again, under whatever name, the rest"
                        + " of it is taken");
        // If it is still there as it was, it would fail again and again.
        stamp(file.name())
                .filter(_ -> !why.equals(CHANGED))
                .ifPresent(stamp -> refuse(new Settled(file.name(), stamp), "went away: " + why));
    }

    private void ended(TakenFile file, TakenFile.State as, @Nullable String note) {
        blocks.add(LineEntry.END, file.number(), 0, new byte[0], 0, 0);
        blocks.flush();
        blocks.force();
        long all = file.lines() + blocks.linesTotal() - state.lines();
        TakenFile ended = file.ended(as, all, clock.wallMicros(), note);
        watcher.tell(file.name() + ": " + all + " lines taken" + (note == null ? "" : "; " + note));
        end(ended);
    }

    private void end(TakenFile ended) {
        whenThereIsRoom(() -> list.append(ended));
        known.add(ended);
        seen.remove(ended.name());
        refusedChanged |= refused.remove(ended.name()) != null;
        if (state.current() != null) {
            save(state.at(null, blocks.linesTotal()));
        }
        if (!ended.state().isBroken()) {
            moveIfDone(ended);
        }
    }

    private void moveIfDone(TakenFile file) {
        if (!config.move() || unmovable.contains(file.name())) {
            return;
        }
        Path done = config.directory().resolve(FilesConfig.DONE);
        try {
            disk.createDirectories(done);
            Path to = done.resolve(file.name());
            disk.rename(
                    config.directory().resolve(file.name()),
                    disk.exists(to) ? done.resolve(file.name() + "." + file.number()) : to);
            disk.forceDirectory(done);
            disk.forceDirectory(config.directory());
        } catch (DiskFailure e) {
            unmovable.add(file.name());
            watcher.tell(e.getMessage() + "; it stays where it is, and is not taken again");
        }
    }

    private void refuse(Settled one, String why) {
        FilesState.Refused before =
                refused.put(
                        one.name(),
                        new FilesState.Refused(
                                one.name(),
                                one.stamp().sizeBytes(),
                                one.stamp().modifiedMicros(),
                                why,
                                clock.wallMicros()));
        refusedChanged = true;
        if (before == null || !before.why().equals(why)) {
            watcher.tell(one.name() + ": is not taken: " + why);
        }
    }

    private void save(FilesState next) {
        whenThereIsRoom(() -> next.save(disk, directory));
        state = next;
    }

    private void whenThereIsRoom(Runnable step) {
        while (true) {
            try {
                step.run();
                return;
            } catch (DiskFull full) {
                watcher.waiting(String.valueOf(full.getMessage()));
                if (watcher.isStopped()) {
                    throw new Stopped();
                }
                clock.sleepMillis(RETRY_MS);
            }
        }
    }

    /**
     * Closes every bin of what was taken. If there is no room for that and the intake is to end,
     * the next one does it.
     *
     * @return whether that was done
     */
    public boolean closeIntake() {
        try {
            blocks.close();
            return true;
        } catch (Stopped e) {
            blocks.discard();
            return false;
        }
    }

    @Override
    public void close() {
        list.close();
    }
}
