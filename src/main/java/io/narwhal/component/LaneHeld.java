package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.journal.JournalReader;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;

/**
 * What a lane of accounting has set aside, and how it comes to that: reads what the process before
 * left on its marks, sets aside what has killed twice, and says when what was asked for is given to
 * the lane once more. Whatever it decides is durable before it is acted on.
 */
final class LaneHeld implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneHeld.class);

    private final Environment environment;
    private final String lane;
    private final MarkPage page;
    private HeldList list;
    // Of the checkpoint before the newest.
    private long recycledBefore;

    private LaneHeld(Environment environment, String lane, MarkPage page, HeldList list) {
        this.environment = environment;
        this.lane = lane;
        this.page = page;
        this.list = list;
    }

    /** Judges the death of the process before, if there was one, and begins a life of its own. */
    static LaneHeld open(Environment environment, String lane) {
        Disk disk = environment.disk();
        disk.createDirectories(environment.layout().run());
        disk.createDirectories(environment.layout().held()); // ours, whoever asks first
        var page =
                MarkPage.open(
                        disk, environment.layout().marks(lane), environment.processes().boot());
        try {
            var list = HeldList.load(disk, environment.layout(), lane);
            var held = new LaneHeld(environment, lane, page, list);
            Optional<MarkPage.Left> left = page.left();
            left.ifPresent(held::judge);
            page.begin(Math.max(held.list.life(), left.map(MarkPage.Left::life).orElse(0L)) + 1);
            return held;
        } catch (RuntimeException e) {
            page.close();
            throw e;
        }
    }

    private void judge(MarkPage.Left left) {
        long nowMicros = environment.clock().wallMicros();
        HeldList judged = list.after(left, nowMicros);
        if (judged == list) {
            return; // counted by a process that died before it said that it had begun
        }
        LOG.warn(
                "{}: the process before died in the step at byte {}, with {} datagrams in hand: {}",
                lane,
                left.step(),
                left.named().size(),
                judged.deaths().getLast().how());
        for (HeldPlace place : judged.condemned()) {
            judged = setAside(judged, place, nowMicros);
        }
        save(judged);
    }

    private HeldList setAside(HeldList judged, HeldPlace place, long nowMicros) {
        List<HeldList.Death> deaths = judged.deathsOf(place);
        Optional<HeldDatagram> known = judged.at(place);
        Optional<HeldDatagram> item =
                known.isPresent()
                        ? known.map(one -> one.heldAgain(deaths, nowMicros))
                        : HeldDatagram.read(
                                environment.disk(),
                                environment.layout().received(lane),
                                place,
                                deaths,
                                nowMicros);
        if (item.isEmpty() || known.isEmpty() && !judged.hasRoom(item.get().block().length)) {
            LOG.error(
                    "{}: cannot set aside datagram {} of the frame at byte {}: {}",
                    lane,
                    place.index() + 1,
                    place.position(),
                    item.isEmpty()
                            ? "it is not in the journal"
                            : "too much is held already; recycle it (narwhal held)");
            return judged;
        }
        LOG.error(
                "{}: set aside {}, which has killed {} processes; see it with: narwhal held --show"
                        + " {}",
                lane,
                item.get(),
                deaths.size(),
                item.get().id(lane));
        return judged.with(item.get(), lane);
    }

    private void save(HeldList next) {
        next.save(environment.disk(), environment.layout(), lane);
        list = next;
    }

    /** Whom the lane tells what it is doing. */
    Marks marks() {
        return page;
    }

    /** As it is durable. */
    HeldList list() {
        return list;
    }

    /** Recyclings that a lane at that position has not done yet, oldest first. */
    List<HeldList.Recycle> due(long position, long recycled) {
        return list.recycles().stream()
                .filter(one -> one.number() > recycled && one.position() <= position)
                .toList();
    }

    /** Whether somebody asks for something to be recycled. */
    boolean isAsked() {
        return !HeldRequest.of(environment.disk(), environment.layout(), lane).isEmpty();
    }

    /** Writes down that what was asked for is recycled at this position: {@link #due} has it. */
    void recycle(Lane context, long position) {
        Disk disk = environment.disk();
        List<HeldRequest> requests = HeldRequest.of(disk, environment.layout(), lane);
        var can = list.ids(lane);
        context.held(lane).forEach(item -> can.add(item.id()));
        List<String> ids =
                requests.stream()
                        .flatMap(one -> one.ids().stream())
                        .distinct()
                        .filter(can::contains)
                        .toList();
        if (!ids.isEmpty()) {
            LOG.info("{}: recycles {}", lane, String.join(" ", ids));
            save(list.withRecycle(position, ids, lane));
        }
        requests.forEach(one -> one.delete(disk, environment.layout()));
    }

    /** Forgets what a checkpoint that is durable now has left behind. */
    void committed(long position, long recycled) {
        HeldList next = list;
        if (!next.deaths().isEmpty()) {
            HeldList passed = next.passed(position, recycled);
            next = passed.equals(next) ? next : passed;
        }
        if (!next.recycles().isEmpty()) {
            var journal = environment.layout().received(lane);
            long oldest = JournalReader.oldest(environment.disk(), journal);
            next = next.trimmed(Math.min(recycledBefore, recycled), oldest);
        }
        recycledBefore = recycled;
        if (next != list) {
            save(next);
        }
    }

    @Override
    public void close() {
        page.close();
    }
}
