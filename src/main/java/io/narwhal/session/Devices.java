package io.narwhal.session;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Reason;
import io.narwhal.record.Source;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The devices that are known, by address and name. Beside them, without a name, the addresses of
 * which something came that was rejected before its device was known. Both are bounded; what finds
 * no room is added up.
 */
final class Devices {
    /** Devices that are known at once. */
    static final int DEVICES_MAX = 16_384;

    /** Addresses that are told apart of which requests were rejected. */
    static final int SENDERS_MAX = 1_024;

    private final Map<Nas.Key, Nas> all = new HashMap<>();
    private final Counts others = new Counts();
    private long retired;
    private int senders;
    // Whether every device was found to have sessions, and none lost its last one since.
    private boolean isBusy;

    /** The device of that name; null when it is not known and there is no room for it. */
    @Nullable Nas get(Source source, String name) {
        var key = new Nas.Key(source.high(), source.low(), name);
        Nas known = all.get(key);
        if (known != null) {
            return known;
        }
        if (all.size() - senders >= DEVICES_MAX && !retire()) {
            return null;
        }
        var nas = new Nas(key);
        all.put(key, nas);
        return nas;
    }

    @Nullable Nas find(Source source, String name) {
        return all.get(new Nas.Key(source.high(), source.low(), name));
    }

    /** Adds up the half, silent for longest, of the devices that have no session. */
    private boolean retire() {
        if (isBusy) {
            return false;
        }
        List<Nas> idle = new ArrayList<>();
        for (Nas nas : sorted()) {
            if (nas.sessions == null && !nas.name().isEmpty()) {
                idle.add(nas);
            }
        }
        idle.sort(Comparator.comparingLong(nas -> nas.counts.heardMs));
        for (Nas nas : idle.subList(0, (idle.size() + 1) / 2)) {
            others.add(nas.counts);
            retired++;
            all.remove(nas.key);
        }
        isBusy = idle.isEmpty();
        return !isBusy;
    }

    /** Says that a device has lost a session. */
    void noteLoss(Nas nas) {
        isBusy &= nas.sessions != null;
    }

    /**
     * Where a rejected request is counted. Strangers, who may send from any address, take no more
     * than half of the places.
     */
    Counts sender(Source source, Reason reason) {
        Nas known = find(source, "");
        if (known != null) {
            return known.counts;
        }
        int room = reason == Reason.UNKNOWN_CLIENT ? SENDERS_MAX / 2 : SENDERS_MAX;
        if (senders >= room) {
            return others;
        }
        var sender = new Nas(new Nas.Key(source.high(), source.low(), ""));
        all.put(sender.key, sender);
        senders++;
        return sender.counts;
    }

    /** By address and name. */
    List<Nas> sorted() {
        List<Nas> sorted = new ArrayList<>(all.values());
        sorted.sort(Comparator.comparing(nas -> nas.key, Nas.Key.ORDER));
        return sorted;
    }

    List<ClientReport> reports() {
        List<ClientReport> reports = new ArrayList<>();
        sorted().forEach(nas -> reports.add(nas.report()));
        var rest = Nas.report(new Nas.Key(0, 0, ""), "others", others, 0, Math.max(1, retired));
        if (rest.requests() > 0) {
            reports.add(rest);
        }
        return reports;
    }

    /** Writes them, and each is told its place. */
    void snapshot(StateWriter out) {
        others.snapshot(out);
        Variable.put(out, retired);
        List<Nas> sorted = sorted();
        out.putInt(sorted.size());
        for (int place = 0; place < sorted.size(); place++) {
            sorted.get(place).place = place;
            sorted.get(place).snapshot(out);
        }
    }

    /** Reads what {@link #snapshot} wrote; answers the order in which they stood. */
    List<Nas> restore(StateReader in) {
        others.add(Counts.restore(in));
        retired += Variable.get(in);
        List<Nas> order = new ArrayList<>();
        for (int left = in.getCount(40); left > 0; left--) {
            Nas nas = Nas.restore(in);
            order.add(nas);
            all.put(nas.key, nas);
            senders += nas.name().isEmpty() ? 1 : 0;
        }
        return order;
    }
}
