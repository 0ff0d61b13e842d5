package io.narwhal.session;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Reason;

import java.util.EnumMap;
import java.util.Map;

/** What came of the requests of one device, or of several. */
final class Counts {
    long accounted;
    long duplicates;
    long sessions;
    long wraps;
    long resets;
    long late;
    long clampedTimes;
    long boots;
    long heardMs;
    private final Map<Reason, Long> rejected = new EnumMap<>(Reason.class);

    void reject(Reason reason, long requests) {
        rejected.merge(reason, requests, Long::sum);
    }

    Map<Reason, Long> rejected() {
        return rejected;
    }

    void heard(long ms) {
        heardMs = Math.max(heardMs, ms);
    }

    /** Adds those of another device. */
    void add(Counts other) {
        accounted += other.accounted;
        duplicates += other.duplicates;
        sessions += other.sessions;
        wraps += other.wraps;
        resets += other.resets;
        late += other.late;
        clampedTimes += other.clampedTimes;
        boots += other.boots;
        heard(other.heardMs);
        other.rejected.forEach(this::reject);
    }

    void snapshot(StateWriter out) {
        Variable.put(out, accounted);
        Variable.put(out, duplicates);
        Variable.put(out, sessions);
        Variable.put(out, wraps);
        Variable.put(out, resets);
        Variable.put(out, late);
        Variable.put(out, clampedTimes);
        Variable.put(out, boots);
        out.putLong(heardMs);
        out.putByte(rejected.size());
        rejected.forEach(
                (reason, requests) -> {
                    out.putByte(reason.code());
                    Variable.put(out, requests);
                });
    }

    static Counts restore(StateReader in) {
        var counts = new Counts();
        counts.accounted = Variable.get(in);
        counts.duplicates = Variable.get(in);
        counts.sessions = Variable.get(in);
        counts.wraps = Variable.get(in);
        counts.resets = Variable.get(in);
        counts.late = Variable.get(in);
        counts.clampedTimes = Variable.get(in);
        counts.boots = Variable.get(in);
        counts.heardMs = in.getLong();
        for (int left = in.getByte(); left > 0; left--) {
            counts.reject(Reason.of(in.getByte()), Variable.get(in));
        }
        return counts;
    }
}
