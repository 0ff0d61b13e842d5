package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFull;
import io.narwhal.record.UsageRows;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes the ledger, one frame at a time. A frame is in the ledger when its file has its final
 * name; the name comes by an atomic rename of a forced file, so a file that has it is whole, and a
 * frame that is committed again changes nothing. One writer per ledger.
 */
public final class LedgerWriter {
    private final Disk disk;
    private final Path ledger;
    private final ParquetEncoder encoder;
    // Directories whose own names this process has forced.
    private final Set<Path> prepared = new HashSet<>();

    /**
     * Opens nothing; see {@link #start}.
     *
     * @param ledger its parent directory exists already, and durably
     */
    public LedgerWriter(Disk disk, Path ledger, ParquetEncoder encoder) {
        this.disk = disk;
        this.ledger = ledger.toAbsolutePath().normalize();
        this.encoder = encoder;
    }

    /** Makes the ledger's directory and removes what a killed writer left half written. */
    public void start() {
        prepare(ledger);
        for (String usage : disk.list(ledger)) {
            Path directory = ledger.resolve(usage);
            for (String name : disk.list(directory)) {
                if (name.endsWith(LedgerFiles.TEMPORARY_SUFFIX)) {
                    disk.delete(directory.resolve(name));
                }
            }
        }
    }

    /**
     * Puts the rows of a frame into the ledger, durably; nothing happens if they are there.
     *
     * @param frameSequence sequence of the frame in the usage journal
     * @throws DiskFull when there is no room: nothing of the frame remains, and it can be committed
     *     again once there is
     * @throws io.narwhal.base.DiskFailure when a step failed: the frame counts as not committed
     */
    public void commit(long frameSequence, UsageRows rows) {
        Path directory = LedgerFiles.directory(ledger, rows.definition().name());
        prepare(directory);
        Path file = directory.resolve(LedgerFiles.name(frameSequence) + LedgerFiles.SUFFIX);
        if (!disk.exists(file)) {
            Path temporary = directory.resolve(LedgerFiles.temporaryName(frameSequence));
            write(temporary, encoder.encode(frameSequence, rows));
            disk.rename(temporary, file);
        }
        // Also when the file was there: whoever renamed it may have died before this step.
        disk.forceDirectory(directory);
    }

    private void write(Path temporary, byte[] bytes) {
        try (var file = disk.open(temporary, Disk.Mode.REPLACE)) {
            file.write(ByteBuffer.wrap(bytes), 0);
            file.force();
        } catch (DiskFull full) {
            disk.delete(temporary);
            throw full;
        }
    }

    // A directory that exists may have been made by a process that died before it forced its name.
    private void prepare(Path directory) {
        if (prepared.contains(directory)) {
            return;
        }
        disk.createDirectories(directory);
        Path parent = directory.getParent();
        if (parent != null) {
            disk.forceDirectory(parent);
        }
        prepared.add(directory);
    }
}
