package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.record.HeldItem;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a lane has set aside of its received journal, the deaths that are not explained yet, and
 * where in the stream something was given once more. Layout: docs/formats/held.md. Replaced
 * atomically, and durable before anybody acts on it: so a replay from any checkpoint passes over
 * the same datagrams, and is given the same ones once more at the same places.
 *
 * @param version of this layout
 * @param life number of the process whose death was counted last
 * @param deaths that are not explained yet, oldest first
 * @param items datagrams that were set aside, those included that were recycled since
 * @param recycles oldest first; their numbers grow, and so do their positions
 * @param recycled number of the newest recycling there ever was; 0: none
 */
public record HeldList(
        int version,
        long life,
        List<Death> deaths,
        List<HeldDatagram> items,
        List<Recycle> recycles,
        long recycled) {
    /** Datagrams that a lane sets aside at the most. */
    static final int ITEMS_MAX = 1_000;

    /** Octets of those at the most. */
    static final long BYTES_MAX = 16 << 20;

    /** How often a datagram must have been in hand at a death before it is set aside. */
    static final int DEATHS = 2;

    /** Deaths that are remembered; older ones are forgotten. */
    static final int DEATHS_MAX = 16;

    private static final int VERSION = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Copies the lists. */
    public HeldList {
        deaths = List.copyOf(deaths);
        items = List.copyOf(items);
        recycles = List.copyOf(recycles);
    }

    /**
     * The end of a process in the middle of a step.
     *
     * @param atMicros when its successor found it, µs since 1970
     * @param step position of the step
     * @param recycle number of the recycling that it was applying; 0: none
     * @param alone whether it took one datagram at a time
     * @param how it ended
     * @param named the datagrams that it had in hand
     */
    public record Death(
            long atMicros,
            long step,
            long recycle,
            boolean alone,
            String how,
            List<HeldPlace> named) {
        /** Copies the list. */
        public Death {
            named = List.copyOf(named);
        }
    }

    /**
     * Something is given to the lane once more.
     *
     * @param number counts up
     * @param position of the input between whose two steps it is
     * @param ids of what is
     */
    public record Recycle(long number, long position, List<String> ids) {
        /** Copies the list. */
        public Recycle {
            ids = List.copyOf(ids);
        }

        Recycle without(String id) {
            return new Recycle(
                    number, position, ids.stream().filter(one -> !one.equals(id)).toList());
        }
    }

    /** A lane to which nothing ever happened. */
    static HeldList empty() {
        return new HeldList(VERSION, 0, List.of(), List.of(), List.of(), 0);
    }

    /**
     * The list of a lane; an empty one where there is none.
     *
     * @throws DiskFailure when it cannot be read, or is no list of this release
     */
    public static HeldList load(Disk disk, NodeLayout layout, String lane) {
        Path file = layout.held().resolve(file(lane));
        if (!disk.exists(file)) {
            return empty();
        }
        try {
            var list = JSON.readValue(SmallFile.read(disk, file), HeldList.class);
            if (list.version() == VERSION) {
                return list;
            }
        } catch (JacksonException e) {
            throw new DiskFailure("restore it from a backup: no list of what is held:", file, e);
        }
        throw new DiskFailure("another release of Narwhal wrote", file, null);
    }

    void save(Disk disk, NodeLayout layout, String lane) {
        disk.createDirectories(layout.held());
        SmallFile.replace(disk, layout.held(), file(lane), JSON.writeValueAsBytes(this));
    }

    private static String file(String lane) {
        return lane + ".json";
    }

    // Deaths.

    /** With this death, unless it was counted already. */
    HeldList after(MarkPage.Left left, long atMicros) {
        if (left.life() == life) {
            return this;
        }
        List<Death> all = new ArrayList<>(deaths);
        all.add(
                new Death(
                        atMicros,
                        left.step(),
                        left.recycle(),
                        left.alone(),
                        left.how().isEmpty()
                                ? "the process ended without a word: killed, hung, or out of memory"
                                : left.how(),
                        left.named()));
        List<Death> kept = all.subList(Math.max(0, all.size() - DEATHS_MAX), all.size());
        return new HeldList(version, left.life(), kept, items, recycles, recycled);
    }

    /** The datagrams that were in hand so often that they are taken for the reason. */
    List<HeldPlace> condemned() {
        Map<HeldPlace, Integer> count = new HashMap<>();
        deaths.stream()
                .flatMap(death -> death.named().stream())
                .forEach(place -> count.merge(place, 1, Integer::sum));
        return deaths.stream()
                .flatMap(death -> death.named().stream())
                .distinct()
                .filter(place -> count.getOrDefault(place, 0) >= DEATHS)
                .toList();
    }

    /** The deaths at which that datagram was in hand. */
    List<Death> deathsOf(HeldPlace place) {
        return deaths.stream().filter(death -> death.named().contains(place)).toList();
    }

    /** Whether the step that begins and ends there is to be taken one datagram at a time. */
    boolean isSuspect(long from, long to) {
        return deaths.stream()
                .anyMatch(
                        death -> death.recycle() == 0 && death.step() >= from && death.step() < to);
    }

    /** Whether there is room for another datagram of so many octets. */
    boolean hasRoom(int octets) {
        long held = items.stream().mapToLong(item -> item.block().length).sum();
        return items.size() < ITEMS_MAX && held + octets <= BYTES_MAX;
    }

    /** The datagram of that place, if it was set aside. */
    Optional<HeldDatagram> at(HeldPlace place) {
        return items.stream().filter(item -> item.place().equals(place)).findFirst();
    }

    /**
     * With that datagram set aside, or set aside again; its deaths are its evidence from now on.
     */
    HeldList with(HeldDatagram item, String lane) {
        Predicate<HeldDatagram> isOther = one -> !one.place().equals(item.place());
        String id = item.id(lane);
        return new HeldList(
                version,
                life,
                deaths.stream().filter(one -> !one.named().contains(item.place())).toList(),
                Stream.concat(items.stream().filter(isOther), Stream.of(item)).toList(),
                recycles.stream()
                        .map(one -> one.number() == item.recycle() ? one : one.without(id))
                        .toList(),
                recycled);
    }

    /**
     * Without the deaths that a durable checkpoint has left behind.
     *
     * @param position of the input up to which all is done
     * @param recycledUpTo number of the newest recycling that is done
     */
    HeldList passed(long position, long recycledUpTo) {
        return new HeldList(
                version,
                life,
                deaths.stream()
                        .filter(
                                death ->
                                        death.recycle() == 0
                                                ? death.step() >= position
                                                : death.recycle() > recycledUpTo)
                        .toList(),
                items,
                recycles,
                recycled);
    }

    // Recycling.

    /** The ids that can be recycled. */
    Set<String> ids(String lane) {
        Set<String> ids = new HashSet<>();
        items.stream().filter(HeldDatagram::isHeld).forEach(item -> ids.add(item.id(lane)));
        return ids;
    }

    /** With these given once more where the input stands there; datagrams among them are marked. */
    HeldList withRecycle(long position, List<String> ids, String lane) {
        long number = recycled + 1;
        List<Recycle> all = new ArrayList<>(recycles);
        all.add(new Recycle(number, position, ids));
        return new HeldList(
                version,
                life,
                deaths,
                items.stream()
                        .map(
                                item ->
                                        item.isHeld() && ids.contains(item.id(lane))
                                                ? item.recycled(number)
                                                : item)
                        .toList(),
                all,
                number);
    }

    /** The datagrams of a recycling, in the order in which they were set aside. */
    List<HeldDatagram> datagrams(Recycle recycle) {
        return items.stream().filter(item -> item.recycle() == recycle.number()).toList();
    }

    /**
     * Without the recyclings that nobody can replay any more, and what they recycled.
     *
     * @param recycledUpTo number of the newest recycling that all checkpoints have
     * @param oldest position of the input before which it was deleted
     */
    HeldList trimmed(long recycledUpTo, long oldest) {
        Set<Long> gone = new HashSet<>();
        recycles.stream()
                .filter(one -> one.number() <= recycledUpTo && one.position() < oldest)
                .forEach(one -> gone.add(one.number()));
        return gone.isEmpty()
                ? this
                : new HeldList(
                        version,
                        life,
                        deaths,
                        items.stream().filter(item -> !gone.contains(item.recycle())).toList(),
                        recycles.stream().filter(one -> !gone.contains(one.number())).toList(),
                        recycled);
    }

    // What readers of the journal pass over.

    /** What a lane passes over where it stands in the journal, by position of the frame. */
    public Map<Long, BitSet> aside() {
        return places(_ -> true);
    }

    /** What is held now, by position of the frame. */
    public Map<Long, BitSet> held() {
        return places(HeldDatagram::isHeld);
    }

    /** What was held when the recyclings up to that number were done, by position of the frame. */
    Map<Long, BitSet> heldAt(long recycledUpTo) {
        return places(item -> item.isHeld() || item.recycle() > recycledUpTo);
    }

    private Map<Long, BitSet> places(Predicate<HeldDatagram> wanted) {
        Map<Long, BitSet> places = new HashMap<>();
        items.stream()
                .filter(wanted)
                .forEach(
                        item ->
                                places.computeIfAbsent(item.position(), _ -> new BitSet())
                                        .set(item.index()));
        return places;
    }

    /** What is held now, for people. */
    public List<HeldItem> list(String lane) {
        return items.stream().filter(HeldDatagram::isHeld).map(item -> item.asItem(lane)).toList();
    }
}
