package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The data sets of one exporter that wait for their templates: by template, and those of one
 * template in the order of arrival. Finding those of a template costs nothing for the others, of
 * which there may be hundreds of thousands.
 */
final class Waiting {
    private final SortedMap<Integer, Deque<Held>> byTemplate = new TreeMap<>();
    private int size;

    int size() {
        return size;
    }

    void add(Held one) {
        byTemplate.computeIfAbsent(one.templateId(), _ -> new ArrayDeque<>(1)).addLast(one);
        size++;
    }

    /** Whether some wait for that template. */
    boolean has(int templateId) {
        return byTemplate.containsKey(templateId);
    }

    /** Takes out the one that waits longest for that template; null when none does. */
    @Nullable Held takeFirst(int templateId) {
        Deque<Held> waiting = byTemplate.get(templateId);
        if (waiting == null) {
            return null;
        }
        Held first = waiting.removeFirst();
        size--;
        if (waiting.isEmpty()) {
            byTemplate.remove(templateId);
        }
        return first;
    }

    /** Takes out those of which that is true. */
    List<Held> takeIf(Predicate<Held> chosen) {
        List<Held> taken = new ArrayList<>();
        byTemplate.values().forEach(all -> all.stream().filter(chosen).forEach(taken::add));
        if (!taken.isEmpty()) {
            byTemplate.values().forEach(all -> all.removeIf(chosen));
            byTemplate.values().removeIf(Deque::isEmpty);
            size -= taken.size();
        }
        return taken;
    }

    /** All, without taking them out. */
    List<Held> all() {
        return byTemplate.values().stream().flatMap(Deque::stream).toList();
    }

    /** Forgets all. */
    void clear() {
        byTemplate.clear();
        size = 0;
    }

    void snapshot(StateWriter out) {
        out.putInt(size);
        byTemplate.values().forEach(all -> all.forEach(one -> one.snapshot(out)));
    }

    void restore(StateReader in, boolean knowsPaths) {
        for (int left = in.getCount(Held.SNAPSHOT_BYTES_MIN); left > 0; left--) {
            add(Held.restore(in, knowsPaths));
        }
    }
}
