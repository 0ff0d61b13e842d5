package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFull;
import io.narwhal.config.JournalSettings;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.journal.JournalReaders;
import io.narwhal.transfer.Agent;
import io.narwhal.transfer.Holding;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Slice;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.TransferEvent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** An agent's store: the journals of its node, and what it knows of its readers. */
final class JournalHolding implements Holding, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalHolding.class);
    private static final long LOOK_MS = 1_000;
    private static final int PERCENT = 100;

    private final Environment environment;
    private final Disk disk;
    private final Duty duty;
    private final ReaderFiles files;
    private final List<String> readers;
    private final Map<StreamId, HeldJournal> journals = new TreeMap<>();
    private final Map<StreamId, Map<String, Long>> unfreed = new TreeMap<>();
    private final HeldJournal.Message message = new HeldJournal.Message(Agent.MESSAGE_BYTES_MAX);
    private long lookedMs = Long.MIN_VALUE / 2;
    private long freeBytes = Long.MAX_VALUE;
    private TreeSet<StreamId> full = new TreeSet<>();

    /** The store of this node; a full disk is waited for as {@code duty} says. */
    JournalHolding(Environment environment, Duty duty) {
        this.environment = environment;
        this.disk = environment.disk();
        this.duty = duty;
        this.files = new ReaderFiles(disk, environment.layout().transfer());
        this.readers = environment.config().servedReaders();
        look();
    }

    /** What was saved last, by name. */
    Map<String, byte[]> states() {
        Map<String, byte[]> states = files.load();
        for (String reader : readers) {
            for (Journal journal : Journal.values()) {
                prepare(reader.substring(ServeConfig.READER_PREFIX.length()), journal);
            }
        }
        return states;
    }

    // Before the disk is full: only what a manager has saved makes room again, and that begins with
    // its state being saved here.
    private void prepare(String reader, Journal journal) {
        try {
            files.prepare(Agent.stateName(reader, journal));
        } catch (DiskFull e) {
            LOG.warn("no room yet for the state of {}: {}", reader, e.getMessage());
        }
    }

    private long nowMs() {
        return environment.clock().monotonicNanos() / 1_000_000;
    }

    /** Looks for journals that are new; to be called every second or so. */
    void look() {
        lookedMs = nowMs();
        NodeLayout layout = environment.layout();
        NodeConfig config = environment.config();
        add(Journal.RECEIVED, config.lanes(), layout.received(NodeConfig.IMPORT));
        add(Journal.USAGE, config.usageLanes(), layout.usage(NodeConfig.IMPORT));
        freeBytes = disk.room(layout.data()).map(Disk.Room::freeBytes).orElse(Long.MAX_VALUE);
        retryFreeing();
    }

    // Also those of collectors that are no longer configured: what they hold is owed.
    private void add(Journal journal, List<String> lanes, Path one) {
        Path all = one.resolveSibling(".").normalize();
        var names = new TreeSet<>(lanes);
        names.addAll(disk.list(all));
        for (String name : names) {
            var id = new StreamId(journal, name);
            if (!journals.containsKey(id)) {
                journals.put(id, new HeldJournal(disk, id, all.resolve(name), readers));
            }
        }
    }

    /** Says which journals cannot take what comes, as they or the disk are full. */
    void setFull(TreeSet<StreamId> ids) {
        full = ids;
    }

    /** The first journal that cannot be read, and why; empty when all can. */
    String trouble() {
        return journals.values().stream()
                .map(HeldJournal::trouble)
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    /**
     * Counts what was published since.
     *
     * @param bytesMax about how much is read
     * @return whether there is more
     */
    boolean scan(long bytesMax) {
        boolean more = false;
        for (HeldJournal journal : journals.values()) {
            journal.look(nowMs());
            more |= journal.scan(bytesMax, environment.clock().wallMicros());
        }
        return more;
    }

    @Override
    public List<Stream> streams(Journal journal) {
        List<Stream> streams = new ArrayList<>();
        long now = nowMs();
        journals.forEach(
                (id, held) -> {
                    Stream stream = id.journal() == journal ? held.look(now) : null;
                    if (stream != null) {
                        streams.add(stream);
                    }
                });
        return streams;
    }

    @Override
    public Slice read(StreamId stream, long from, long before, long recordsMax, int bytesMax) {
        HeldJournal journal = journals.get(stream);
        return journal == null
                ? new Slice.Unavailable(from, "there is no journal " + stream)
                : journal.read(
                        from,
                        before,
                        recordsMax,
                        bytesMax,
                        message,
                        environment.clock().wallMicros());
    }

    @Override
    public Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged) {
        long records = 0;
        long bytes = 0;
        long oldest = 0;
        int fill = 0;
        for (Map.Entry<StreamId, HeldJournal> entry : journals.entrySet()) {
            HeldJournal held = entry.getValue();
            if (entry.getKey().journal() != journal || held.look(nowMs()) == null) {
                continue;
            }
            long position = acknowledged.getOrDefault(entry.getKey(), 0L);
            long own = held.bytesBehind(position);
            long micros = held.oldestMicros(position);
            records += held.recordsBehind(position);
            bytes += own;
            oldest = oldest == 0 || micros > 0 && micros < oldest ? micros : oldest;
            fill = Math.max(fill, fill(entry.getKey(), held, position));
        }
        return new Occupancy(records, bytes, oldest, Math.min(PERCENT, fill));
    }

    private int fill(StreamId id, HeldJournal held, long position) {
        long kept = held.bytesKept(position);
        if (kept > 0 && full.contains(id)) {
            return PERCENT;
        }
        long capacity = settings(id.journal()).capacityBytes();
        if (capacity == 0) {
            return freeBytes == Long.MAX_VALUE
                    ? 0
                    : (int) ((double) PERCENT * kept / (kept + freeBytes + 1.0));
        }
        return (int) Math.min(PERCENT - 1, (double) PERCENT * kept / capacity);
    }

    private JournalSettings settings(Journal journal) {
        return journal == Journal.RECEIVED
                ? environment.config().journals().received()
                : environment.config().journals().usage();
    }

    /** What a reader, by its name without the prefix, is yet to save of a kind of journal. */
    boolean isHeld(Journal journal, Map<StreamId, Long> acknowledged) {
        for (Map.Entry<StreamId, HeldJournal> entry : journals.entrySet()) {
            HeldJournal held = entry.getValue();
            long position = acknowledged.getOrDefault(entry.getKey(), 0L);
            boolean isOwed =
                    entry.getKey().journal() == journal
                            && (held.look(nowMs()) == null
                                    ? held.isUnseen(position)
                                    : held.isHeld(position));
            if (isOwed) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void save(String name, byte[] state) {
        Patience.until(duty, () -> files.save(name, state));
    }

    @Override
    public void free(String reader, StreamId stream, long through) {
        HeldJournal journal = journals.get(stream);
        if (journal == null) {
            return;
        }
        try {
            JournalReaders.acknowledge(
                    disk, journal.directory(), ServeConfig.READER_PREFIX + reader, through);
        } catch (DiskFull e) {
            // Only the first acknowledgement needs room, and the writer makes that as it opens.
            LOG.warn("{}: cannot be freed yet: {}", stream, e.getMessage());
            unfreed.computeIfAbsent(stream, _ -> new TreeMap<>()).put(reader, through);
        }
    }

    private void retryFreeing() {
        Map<StreamId, Map<String, Long>> again = new TreeMap<>(unfreed);
        unfreed.clear();
        again.forEach((id, owed) -> owed.forEach((reader, through) -> free(reader, id, through)));
    }

    @Override
    public long wallMicros() {
        return environment.clock().wallMicros();
    }

    @Override
    public void note(String reader, TransferEvent event) {
        String who = reader.isEmpty() ? "transfer" : "transfer to " + reader;
        switch (event.kind()) {
            case ALARM, LOST -> LOG.error("{}: {}: {}", who, event.kind().label(), event.what());
            case VERDICT, TROUBLE, AMBIGUOUS ->
                    LOG.warn("{}: {}: {}", who, event.kind().label(), event.what());
            case FAILOVER, RESOLVED, ADMINISTERED ->
                    LOG.info("{}: {}: {}", who, event.kind().label(), event.what());
        }
    }

    @Override
    public void close() {
        journals.values().forEach(HeldJournal::close);
    }
}
