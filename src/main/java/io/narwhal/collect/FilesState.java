package io.narwhal.collect;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How far a collector of files is. Layout: docs/formats/processed.md. Replaced atomically.
 *
 * @param version of this layout
 * @param journalId the journal that the lines went to
 * @param lines lines that the journal had ever taken when this was written: what it has taken since
 *     is of the current file
 * @param current the file that is being taken; null: none
 * @param refused files that are there and cannot be taken
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FilesState(
        int version,
        long journalId,
        long lines,
        @Nullable TakenFile current,
        List<Refused> refused) {
    /** Name of the file that holds it. */
    public static final String FILE = "state.json";

    /** So many refused files are named in it. */
    static final int REFUSED_MAX = 1_000;

    private static final int VERSION = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * A file that cannot be taken as it is now.
     *
     * @param name in the directory of the collector
     * @param size bytes
     * @param modified when it was last changed, µs since 1970
     * @param why what is wrong, and what next
     * @param since when that was found out, µs since 1970
     */
    public record Refused(String name, long size, long modified, String why, long since) {}

    /** Copies the list. */
    public FilesState {
        refused = List.copyOf(refused);
    }

    static FilesState none(long journalId) {
        return new FilesState(VERSION, journalId, 0, null, List.of());
    }

    /**
     * Reads it; empty when there is none.
     *
     * @throws DiskFailure when it cannot be read, or another release wrote it
     */
    public static Optional<FilesState> load(Disk disk, Path directory) {
        Path file = directory.resolve(FILE);
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        try {
            var state = JSON.readValue(SmallFile.read(disk, file), FilesState.class);
            if (state.version() == VERSION) {
                return Optional.of(state);
            }
        } catch (JacksonException e) {
            throw new DiskFailure("restore it from a backup: no state of files:", file, e);
        }
        throw new DiskFailure("another release of Narwhal wrote", file, null);
    }

    void save(Disk disk, Path directory) {
        SmallFile.replace(disk, directory, FILE, JSON.writeValueAsBytes(this));
    }

    FilesState at(@Nullable TakenFile file, long journalLines) {
        return new FilesState(version, journalId, journalLines, file, refused);
    }

    FilesState with(List<Refused> others) {
        return new FilesState(
                version, journalId, lines, current, others.stream().limit(REFUSED_MAX).toList());
    }
}
