package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/** The templates of one exporter by id, sorted. */
final class Templates {
    private int[] ids = new int[4];
    private @Nullable Template[] templates = new @Nullable Template[4];
    private int size;

    int size() {
        return size;
    }

    @Nullable Template get(int id) {
        int at = Arrays.binarySearch(ids, 0, size, id);
        return at < 0 ? null : templates[at];
    }

    void put(Template template) {
        int at = Arrays.binarySearch(ids, 0, size, template.id);
        if (at >= 0) {
            templates[at] = template;
            return;
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
            templates = Arrays.copyOf(templates, size * 2);
        }
        int to = -at - 1;
        System.arraycopy(ids, to, ids, to + 1, size - to);
        System.arraycopy(templates, to, templates, to + 1, size - to);
        ids[to] = template.id;
        templates[to] = template;
        size++;
    }

    void remove(int id) {
        int at = Arrays.binarySearch(ids, 0, size, id);
        if (at >= 0) {
            size--;
            System.arraycopy(ids, at + 1, ids, at, size - at);
            System.arraycopy(templates, at + 1, templates, at, size - at);
            templates[size] = null;
        }
    }

    void clear() {
        Arrays.fill(templates, null);
        size = 0;
    }

    void snapshot(StateWriter out) {
        out.putInt(size);
        for (int i = 0; i < size; i++) {
            Template template = templates[i];
            if (template != null) {
                out.putBoolean(template.options).putBytes(template.definition);
            }
        }
    }

    void restore(StateReader in, FlowProtocol protocol) {
        for (int left = in.getCount(9); left > 0; left--) {
            boolean options = in.getBoolean();
            // It was within the limits when it came, and a restart is no reason to forget it.
            put(Template.of(protocol, options, in.getBytes(), Integer.MAX_VALUE));
        }
    }
}
