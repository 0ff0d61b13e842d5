package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/** The templates of one exporter by id, sorted. */
final class Templates {
    private int[] ids = new int[4];
    private @Nullable Template[] templates = new @Nullable Template[4];

    /** By template: number of the message that defined it last, of those of its exporter. */
    private long[] seen = new long[4];

    private int size;
    private long stateBytes;

    int size() {
        return size;
    }

    /** About what they take in memory. */
    long stateBytes() {
        return stateBytes;
    }

    @Nullable Template get(int id) {
        int at = Arrays.binarySearch(ids, 0, size, id);
        return at < 0 ? null : templates[at];
    }

    /** Takes a definition that came with the message of that number. */
    void put(Template template, long message) {
        int at = Arrays.binarySearch(ids, 0, size, template.id);
        stateBytes += template.stateBytes();
        if (at >= 0) {
            stateBytes -= bytesAt(at);
            templates[at] = template;
            seen[at] = message;
            return;
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
            templates = Arrays.copyOf(templates, size * 2);
            seen = Arrays.copyOf(seen, size * 2);
        }
        int to = -at - 1;
        System.arraycopy(ids, to, ids, to + 1, size - to);
        System.arraycopy(templates, to, templates, to + 1, size - to);
        System.arraycopy(seen, to, seen, to + 1, size - to);
        ids[to] = template.id;
        templates[to] = template;
        seen[to] = message;
        size++;
    }

    /** The same definition came once more, with the message of that number. */
    void repeat(int id, long message) {
        int at = Arrays.binarySearch(ids, 0, size, id);
        if (at >= 0) {
            seen[at] = message;
        }
    }

    /** Forgets the templates that no message after that number defined. */
    void forgetUntil(long message) {
        for (int i = size - 1; i >= 0; i--) {
            if (seen[i] <= message) {
                remove(ids[i]);
            }
        }
    }

    void remove(int id) {
        int at = Arrays.binarySearch(ids, 0, size, id);
        if (at >= 0) {
            stateBytes -= bytesAt(at);
            size--;
            System.arraycopy(ids, at + 1, ids, at, size - at);
            System.arraycopy(templates, at + 1, templates, at, size - at);
            System.arraycopy(seen, at + 1, seen, at, size - at);
            templates[size] = null;
        }
    }

    private long bytesAt(int at) {
        Template template = templates[at];
        return template == null ? 0 : template.stateBytes();
    }

    /** Removes all of a kind; how many. */
    int removeAll(boolean options) {
        int before = size;
        for (int i = size - 1; i >= 0; i--) {
            Template template = templates[i];
            if (template != null && template.options == options) {
                remove(ids[i]);
            }
        }
        return before - size;
    }

    void clear() {
        Arrays.fill(templates, null);
        size = 0;
        stateBytes = 0;
    }

    void snapshot(StateWriter out) {
        out.putInt(size);
        for (int i = 0; i < size; i++) {
            Template template = templates[i];
            if (template != null) {
                out.putBoolean(template.options).putBytes(template.definition).putLong(seen[i]);
            }
        }
    }

    void restore(StateReader in, FlowProtocol protocol) {
        for (int left = in.getCount(17); left > 0; left--) {
            boolean options = in.getBoolean();
            // It was within the limits when it came, and a restart is no reason to forget it.
            Template template = Template.of(protocol, options, in.getBytes(), Integer.MAX_VALUE);
            put(template, in.getLong());
        }
    }
}
