package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What administrators wish of links: a file each in the data directory, named {@code WHAT.LINK},
 * durable before the command says anything, and gone when it is done.
 */
public final class TransferWishes {
    /** What may be wished. */
    public enum What {
        /** Go on with usage journals whose histories part. */
        ACCEPT,
        /** Pull at once. */
        PULL;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A wish. */
    public record Wish(What what, String link) {
        String file() {
            return what.label() + "." + link;
        }
    }

    private final Disk disk;
    private final NodeLayout layout;

    /** Of the node whose data stands there. */
    public TransferWishes(Disk disk, NodeLayout layout) {
        this.disk = disk;
        this.layout = layout;
    }

    /** Wishes something, durably. */
    public void add(Wish wish) {
        disk.createDirectories(layout.transferWishes());
        SmallFile.replace(
                disk,
                layout.transferWishes(),
                wish.file(),
                wish.file().getBytes(StandardCharsets.UTF_8));
    }

    /** What is wished and not done. */
    public List<Wish> all() {
        List<Wish> wishes = new ArrayList<>();
        for (String file : disk.list(layout.transferWishes())) {
            for (What what : What.values()) {
                if (file.startsWith(what.label() + ".") && !file.endsWith(".tmp")) {
                    wishes.add(new Wish(what, file.substring(what.label().length() + 1)));
                }
            }
        }
        return wishes;
    }

    /** It is done. */
    public void end(Wish wish) {
        disk.delete(layout.transferWishes().resolve(wish.file()));
    }
}
