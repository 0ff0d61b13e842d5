package io.narwhal.journal;

import io.narwhal.base.Disk;

import java.nio.file.Path;
import java.util.List;

/**
 * The readers of a journal by their pages, for whoever keeps the positions of several of them, and
 * for administrators.
 */
public final class JournalReaders {
    private JournalReaders() {}

    /** Names of all that have a page here and were not removed, in order. */
    public static List<String> names(Disk disk, Path directory) {
        return disk.list(directory).stream()
                .filter(file -> file.endsWith(Pages.ACK_SUFFIX))
                .map(file -> file.substring(0, file.length() - Pages.ACK_SUFFIX.length()))
                .filter(name -> !isRemoved(disk, directory, name))
                .toList();
    }

    private static boolean isRemoved(Disk disk, Path directory, String name) {
        try (var page = Pages.find(disk, directory, Pages.ack(name))) {
            return page != null && page.getLong(Pages.REMOVED_AT) != 0;
        }
    }

    /**
     * Lets the writer delete what lies before {@code position}, as {@link
     * JournalReader#acknowledge}: the reader has saved all before it, durably. A lower position
     * than before changes nothing.
     */
    public static void acknowledge(Disk disk, Path directory, String name, long position) {
        Pages.checkName(name);
        if (position == 0) {
            return;
        }
        try (var page = Pages.openAck(disk, directory, name)) {
            if (position > page.getLong(0)) {
                page.putLong(0, position);
            }
        }
    }

    /**
     * Nothing is kept for this reader any more, from now on, even by a writer that was opened with
     * its name. Done again, it does no harm.
     */
    public static void remove(Disk disk, Path directory, String name) {
        Pages.checkName(name);
        try (var page = Pages.find(disk, directory, Pages.ack(name))) {
            if (page == null) {
                return;
            }
            page.putLong(Pages.REMOVED_AT, 1); // a writer has this very page in its memory
        }
        disk.delete(directory.resolve(Pages.ack(name)));
        disk.forceDirectory(directory);
    }

    /** Positions at which the segments begin that are still there, in order. */
    public static List<Long> segments(Disk disk, Path directory) {
        return Segments.bases(disk, directory);
    }
}
