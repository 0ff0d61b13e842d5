package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.config.NodeConfig;
import io.narwhal.record.Correction;
import io.narwhal.record.Origin;
import io.narwhal.record.UsageRows;

import java.util.Optional;

/** Reads a frame of a usage journal, whether this node wrote it or it was pulled. */
public final class PulledRows {
    private PulledRows() {}

    /**
     * The rows of a frame; empty when it tells of a gap. Corrections that an agent made keep their
     * run; their lane is that of pulled usage, and their reason begins with whose they are.
     *
     * @throws StateReader.Malformed when they cannot be read
     */
    public static Optional<UsageRows> read(byte[] bytes, int offset, int length) {
        int payload = Origin.skip(bytes, offset, length);
        if (payload == length) {
            return Optional.empty();
        }
        var rows = UsageRows.read(new StateReader(bytes, offset + payload, length - payload));
        if (payload == 0 || rows.correction().isEmpty()) {
            return Optional.of(rows);
        }
        return Optional.of(
                rows.from(pulled(Origin.read(bytes, offset, length), rows.correction().get())));
    }

    private static Correction pulled(Origin origin, Correction correction) {
        String whose = origin.link() + "/" + correction.lane();
        return new Correction(
                correction.run(),
                NodeConfig.PULLED,
                correction.reason().isEmpty() ? whose : whose + ": " + correction.reason());
    }
}
