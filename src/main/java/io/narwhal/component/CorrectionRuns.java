package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.journal.JournalPosition;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The runs of {@code narwhal reprocess}, and how far the journal of corrections counts: it is to
 * that journal what a checkpoint is to others. Layout: docs/formats/reprocess.md. Replaced
 * atomically, about 1 KiB a run.
 *
 * @param version of this layout
 * @param journalId the journal of corrections; 0 when there is none yet
 * @param position byte of it up to which rows count: what stands behind belongs to a run that did
 *     not come to its end
 * @param lastFrame sequence of the last frame up to there; 0 when there is none
 * @param runs those that corrected something, in their order
 */
public record CorrectionRuns(
        int version, long journalId, long position, long lastFrame, List<CorrectionRun> runs) {
    /** Name of the file. */
    public static final String FILE = "runs.json";

    private static final int VERSION = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Copies the list. */
    public CorrectionRuns {
        runs = List.copyOf(runs);
    }

    /**
     * Reads the list; an empty one when there is none.
     *
     * @throws DiskFailure when it cannot be read, or is no list of this release
     */
    public static CorrectionRuns load(Disk disk, NodeLayout layout) {
        Path file = layout.reprocess().resolve(FILE);
        if (!disk.exists(file)) {
            return new CorrectionRuns(VERSION, 0, 0, 0, List.of());
        }
        try {
            var list = JSON.readValue(SmallFile.read(disk, file), CorrectionRuns.class);
            if (list.version() == VERSION) {
                return list;
            }
        } catch (JacksonException e) {
            throw new DiskFailure("restore it from a backup: no list of runs:", file, e);
        }
        throw new DiskFailure("another release of Narwhal wrote", file, null);
    }

    void save(Disk disk, NodeLayout layout) {
        disk.createDirectories(layout.reprocess());
        SmallFile.replace(disk, layout.reprocess(), FILE, JSON.writeValueAsBytes(this));
    }

    /** Up to where the journal of corrections counts. */
    public JournalPosition end() {
        return journalId == 0
                ? JournalPosition.BEGINNING
                : new JournalPosition(journalId, position);
    }

    CorrectionRuns with(CorrectionRun run, JournalPosition end) {
        List<CorrectionRun> all = new ArrayList<>(runs);
        all.add(run);
        return new CorrectionRuns(version, end.journalId(), end.position(), run.lastFrame(), all);
    }
}
