package io.narwhal.transfer;

import io.narwhal.base.Check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The manager's side: its links, whom it pulls next, and what it may acknowledge. Owned by one
 * thread; waits for nothing.
 *
 * <p>How it is driven: {@link #add} for each link of the configuration; {@link
 * ManagerLink#connected} when a connection stands (to be tried when {@link ManagerLink#connectAtMs}
 * has passed), {@link ManagerLink#receive} for what comes, {@link ManagerLink#disconnected} at its
 * end; {@link #tick} at least every 100 ms. After messages were received: {@code mark =
 * appended()}, force the journals, {@code forced(mark)}: that acknowledges.
 */
public final class Manager {
    private static final List<Stream> NONE = List.of();

    private final ManagerSettings settings;
    private final Saving saving;
    private final Map<String, ManagerLink> links = new TreeMap<>();
    private long appended;
    private long forced;
    private long offsetMs;
    private long lastMs = Long.MIN_VALUE;

    /** A manager without links. */
    public Manager(ManagerSettings settings, Saving saving) {
        this.settings = settings;
        this.saving = saving;
    }

    /** A link of the configuration, not connected. */
    public ManagerLink add(LinkSettings link, long nowMs) {
        Check.that(!links.containsKey(link.name()), "a link has a name of its own");
        ManagerLink added = new ManagerLink(this, link, saving.positions(link.name()), nowMs);
        links.put(link.name(), added);
        return added;
    }

    /** A link is no longer in the configuration: says goodbye and forgets it. */
    public void remove(String link, long nowMs) {
        ManagerLink removed = links.remove(link);
        if (removed != null) {
            removed.close(nowMs);
        }
    }

    /** All links, by name. */
    public List<ManagerLink> links() {
        return List.copyOf(links.values());
    }

    /** How many things were appended so far; grows by one with each. */
    public long appended() {
        return appended;
    }

    /** The first so many are forced: acknowledges them. */
    public void forced(long upTo, long nowMs) {
        Check.that(upTo <= appended, "what is forced was appended");
        forced = Math.max(forced, upTo);
        links().forEach(link -> link.forced(forced, nowMs));
        pulls(nowMs);
    }

    /** Whether nothing more is asked for or under way, so that a force at once costs nobody. */
    public boolean answered() {
        return links.values().stream().noneMatch(link -> link.state() == ManagerState.PULLING);
    }

    /** Time passes: pulls that are due, keepalive, silence. */
    public void tick(long nowMs) {
        links().forEach(link -> link.tick(nowMs));
        pulls(nowMs);
    }

    /** How every link stands. */
    public List<LinkFacts> facts() {
        return links.values().stream().map(ManagerLink::facts).toList();
    }

    ManagerSettings settings() {
        return settings;
    }

    Saving saving() {
        return saving;
    }

    long note() {
        return ++appended;
    }

    boolean isForced(long mark) {
        return mark <= forced;
    }

    /**
     * A link may have another name now. An epoch is unlike any other, so what is saved of it under
     * whatever name is of the same journal: without this it would be asked for, and count, again.
     */
    void renamed(ManagerLink link, List<Stream> streams, long nowMs) {
        saving.known()
                .forEach(
                        (name, positions) -> {
                            for (Stream stream : links.containsKey(name) ? NONE : streams) {
                                Saved saved = positions.of(stream.id(), stream.epoch());
                                if (saved != null && saved.through() > link.saved(stream)) {
                                    link.goesOn(saved, name, nowMs);
                                }
                            }
                        });
    }

    /** Never runs backwards. */
    long time(long nowMs) {
        if (lastMs != Long.MIN_VALUE && nowMs < lastMs) {
            offsetMs += lastMs - nowMs;
        }
        lastMs = nowMs;
        return nowMs + offsetMs;
    }

    /** Issues what pulls are due, in order, as far as what comes can be saved. */
    void pulls(long nowMs) {
        List<ManagerLink> due = new ArrayList<>();
        for (ManagerLink link : links.values()) {
            if (link.due(nowMs)) {
                due.add(link);
            }
        }
        if (due.isEmpty()) {
            return;
        }
        due.sort(Comparator.comparing(ManagerLink::order));
        Saving.Room room = saving.room();
        for (ManagerLink link : due) {
            Saving.Room credit = credit(link, room);
            if (credit.records() > 0 && credit.bytes() > 0) {
                link.pull(credit, nowMs);
            } else {
                link.hold(nowMs);
            }
        }
    }

    private Saving.Room credit(ManagerLink link, Saving.Room room) {
        long outRecords = 0;
        long outBytes = 0;
        for (ManagerLink other : links.values()) {
            outRecords += other.outstanding().records();
            outBytes += other.outstanding().bytes();
        }
        LinkSettings wanted = link.settings();
        long limit = Math.min(room.bytes(), settings.outstandingBytesMax());
        long bytes = Math.min(wanted.creditBytes(), limit - outBytes);
        long records = Math.min(wanted.creditRecords(), room.records() - outRecords);
        boolean scrap = outBytes > 0 && bytes < wanted.creditBytes() / 8;
        return scrap ? new Saving.Room(0, 0) : new Saving.Room(records, bytes);
    }
}
