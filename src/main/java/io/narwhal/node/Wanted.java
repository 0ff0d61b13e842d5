package io.narwhal.node;

import io.narwhal.base.DiskFailure;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings what the administrator wishes to the components: looks at the disk, tells {@link
 * Supervision}, and takes a wish for a restart away once its process has ended. The wish names the
 * process, so a manager that is killed before it has taken the wish away leaves one that the next
 * manager sees fulfilled.
 */
final class Wanted {
    private static final Logger LOG = LoggerFactory.getLogger(Wanted.class);

    private final NodeManager.Host host;
    private final Wishes wishes;
    private final Map<String, Wish> known = new HashMap<>();
    private String trouble = "";

    Wanted(NodeManager.Host host, Wishes wishes) {
        this.host = host;
        this.wishes = wishes;
    }

    /** What is wished of this component, as it was last looked at. */
    Wish of(Member member) {
        return known.getOrDefault(member.name(), new Wish.Run());
    }

    /** Looks at the wishes; what cannot be looked at stays as it was. */
    void look(List<Member> members, long nowMs) {
        try {
            List<String> wished = wishes.wishedOf();
            List<String> restarts = wishes.restartsWished();
            for (Member member : members) {
                boolean isWished = wished.contains(member.name());
                note(member, isWished ? wishes.of(member.name()) : new Wish.Run());
                if (restarts.contains(member.name())) {
                    restart(member, nowMs);
                }
            }
            trouble = "";
        } catch (DiskFailure e) {
            complain(String.valueOf(e.getMessage()));
        }
    }

    private void note(Member member, Wish wish) {
        Wish before = of(member);
        known.put(member.name(), wish);
        member.supervision().setWanted(!(wish instanceof Wish.Stopped));
        if (wish.equals(before)) {
            return;
        }
        switch (wish) {
            case Wish.Run _ -> LOG.info("{}: it is to run", member.name());
            case Wish.Stopped stopped ->
                    LOG.info("{}: it is to stay stopped: {}", member.name(), stopped.told());
            case Wish.Unreadable(String why) -> LOG.warn("{}: {}", member.name(), why);
        }
    }

    private void restart(Member member, long nowMs) {
        Optional<Wishes.Restart> wish = wishes.restartOf(member.name());
        boolean isThatOne = wish.map(w -> w.process().equals(member.process())).orElse(false);
        boolean alive = host.processes().isAlive(member.process());
        if (alive && isThatOne) {
            member.supervision().restart(nowMs);
            return;
        }
        if (!alive && wish.isPresent()) {
            member.supervision().startNow(nowMs);
        }
        // Another process than the one that was to end lives: it has taken its place already.
        wish.filter(w -> w.process().pid() != 0)
                .ifPresent(
                        w -> {
                            LOG.info("{}: {}", member.name(), w.told());
                            member.setLastEnd(w.told());
                        });
        wishes.endRestart(member.name());
    }

    private void complain(String now) {
        if (!now.equals(trouble)) {
            LOG.warn("{}; the wishes of before hold on", now);
        }
        trouble = now;
    }
}
