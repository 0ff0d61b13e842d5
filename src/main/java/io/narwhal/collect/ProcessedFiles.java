package io.narwhal.collect;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The list of files that were processed, and how far the one is that is being. Layout:
 * docs/formats/processed.md. Replaced atomically.
 *
 * @param version of this layout
 * @param journalId the journal that their datagrams went to
 * @param current number of the file that is being imported; 0: none
 * @param since datagrams that the journal had ever taken when that began, or went on: what it has
 *     taken since is of that file
 * @param destinations addresses and ports that captured datagrams went to: the first is {@code
 *     listen} 0 of the journal's blocks, and so on
 * @param files in the order in which they were begun
 */
public record ProcessedFiles(
        int version,
        long journalId,
        int current,
        long since,
        List<String> destinations,
        List<ProcessedFile> files) {
    /** Name of the file that holds the list. */
    public static final String FILE = "processed.json";

    private static final int VERSION = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Copies the lists. */
    public ProcessedFiles {
        destinations = List.copyOf(destinations);
        files = List.copyOf(files);
    }

    /** The list of a journal that has taken nothing. */
    static ProcessedFiles none(long journalId) {
        return new ProcessedFiles(VERSION, journalId, 0, 0, List.of(), List.of());
    }

    /**
     * Reads the list; empty when there is none.
     *
     * @throws DiskFailure when it cannot be read, or is no list of this release
     */
    public static Optional<ProcessedFiles> load(Disk disk, Path directory) {
        Path file = directory.resolve(FILE);
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        try {
            var list = JSON.readValue(SmallFile.read(disk, file), ProcessedFiles.class);
            if (list.version() == VERSION) {
                return Optional.of(list);
            }
        } catch (JacksonException e) {
            throw new DiskFailure("restore it from a backup: no list of processed files:", file, e);
        }
        throw new DiskFailure("another release of Narwhal wrote", file, null);
    }

    void save(Disk disk, Path directory) {
        SmallFile.replace(disk, directory, FILE, JSON.writeValueAsBytes(this));
    }

    /** The file of this digest. */
    Optional<ProcessedFile> find(String sha256) {
        return files.stream().filter(one -> one.sha256().equals(sha256)).findFirst();
    }

    /** The file that was begun under this name, and is not yet whole. */
    Optional<ProcessedFile> begunAs(String name) {
        return files.stream()
                .filter(one -> one.state() == ProcessedFile.State.BEGUN && one.name().equals(name))
                .findFirst();
    }

    /** Datagrams that are known to be in the journal. */
    long datagrams() {
        return files.stream().mapToLong(ProcessedFile::datagrams).sum();
    }

    /** With what the journal has taken since {@link #since} on the account of the current file. */
    ProcessedFiles settled(long datagramsTotal) {
        if (current == 0) {
            return this;
        }
        ProcessedFile one = files.get(current - 1);
        return with(one.withDatagrams(one.datagrams() + datagramsTotal - since)).at(0, 0);
    }

    /** With this file in place of the one of its number, or behind the others. */
    ProcessedFiles with(ProcessedFile file) {
        List<ProcessedFile> all = new ArrayList<>(files);
        if (file.number() > all.size()) {
            all.add(file);
        } else {
            all.set(file.number() - 1, file);
        }
        return new ProcessedFiles(version, journalId, current, since, destinations, all);
    }

    ProcessedFiles at(int number, long datagramsTotal) {
        return new ProcessedFiles(version, journalId, number, datagramsTotal, destinations, files);
    }

    ProcessedFiles withDestination(String destination) {
        List<String> all = new ArrayList<>(destinations);
        all.add(destination);
        return new ProcessedFiles(version, journalId, current, since, all, files);
    }
}
