package io.narwhal.remote;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.FileStamp;
import io.narwhal.base.SmallFile;
import io.narwhal.base.Tls;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The contents of {@link TlsFiles}, as new as {@link #refresh} has found them. One may be shared by
 * many links, and by threads.
 */
public final class Credentials {
    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);
    private static final long LOOK_NANOS = 2_000_000_000L;
    private static final long MICROS_PER_MS = 1_000;

    private final Disk disk;
    private final TlsFiles files;
    private final Clock clock;
    private volatile Generation current;
    private volatile String complaint = "";
    private List<Optional<FileStamp>> stamps;
    private long lookedNanos;
    private boolean isBad;

    private Credentials(
            Disk disk,
            TlsFiles files,
            Clock clock,
            Generation first,
            List<Optional<FileStamp>> stamps) {
        this.disk = disk;
        this.files = files;
        this.clock = clock;
        this.current = first;
        this.stamps = stamps;
        this.lookedNanos = clock.monotonicNanos();
    }

    /**
     * The files at one time.
     *
     * @param number grows with each
     */
    record Generation(int number, Tls.Identity identity, Trust trust) {}

    /** What the files give. */
    public sealed interface Read {
        /** They can be used. */
        record Good(Credentials credentials) implements Read {}

        /** One of them cannot; the message names it. */
        record Bad(String message) implements Read {}
    }

    /** Reads the files. */
    public static Read read(Disk disk, TlsFiles files, Clock clock) {
        try {
            List<Optional<FileStamp>> stamps = stamps(disk, files);
            return switch (contents(disk, files)) {
                case Tls.Read.Good(Tls tls) -> {
                    var trust = new Trust(tls.identity(), clock);
                    var first = new Generation(1, tls.identity(), trust);
                    var credentials = new Credentials(disk, files, clock, first, stamps);
                    credentials.complain(credentials.outOfDate());
                    yield new Read.Good(credentials);
                }
                case Tls.Read.Bad(Tls.Part part, String reason) ->
                        new Read.Bad(describe(files, part, reason));
            };
        } catch (DiskFailure e) {
            return new Read.Bad(String.valueOf(e.getMessage()));
        }
    }

    private static List<Optional<FileStamp>> stamps(Disk disk, TlsFiles files) {
        List<Optional<FileStamp>> stamps = new ArrayList<>();
        stamps.add(disk.stamp(files.certificate()));
        stamps.add(disk.stamp(files.key()));
        stamps.add(disk.stamp(files.ca()));
        if (files.revoked() != null) {
            stamps.add(disk.stamp(files.revoked()));
        }
        return stamps;
    }

    private static Tls.Read contents(Disk disk, TlsFiles files) {
        Path revoked = files.revoked();
        boolean isMissing = files.mayBeMissing() && revoked != null && !disk.exists(revoked);
        return Tls.read(
                SmallFile.read(disk, files.certificate()),
                SmallFile.read(disk, files.key()),
                SmallFile.read(disk, files.ca()),
                revoked == null || isMissing ? null : SmallFile.read(disk, revoked));
    }

    private static String describe(TlsFiles files, Tls.Part part, String reason) {
        @Nullable Path file =
                switch (part) {
                    case CERTIFICATE -> files.certificate();
                    case KEY -> files.key();
                    case CA -> files.ca();
                    case REVOKED -> files.revoked();
                };
        return file + " " + reason;
    }

    Generation current() {
        return current;
    }

    /**
     * Looks whether a file has changed, at most every two seconds, and takes the new ones if they
     * can be used together; else those of before stay, which is told and logged.
     *
     * @return whether there are new ones
     */
    public synchronized boolean refresh() {
        long now = clock.monotonicNanos();
        if (now - lookedNanos < LOOK_NANOS) {
            return false;
        }
        lookedNanos = now;
        try {
            List<Optional<FileStamp>> found = stamps(disk, files);
            if (found.equals(stamps) && !isBad) {
                complain(outOfDate());
                return false;
            }
            stamps = found;
            return take(contents(disk, files));
        } catch (DiskFailure e) {
            return bad(String.valueOf(e.getMessage()));
        }
    }

    private boolean take(Tls.Read read) {
        return switch (read) {
            case Tls.Read.Good(Tls tls) -> {
                isBad = false;
                Tls.Identity identity = tls.identity();
                boolean isNew = !identity.equals(current.identity());
                if (isNew) {
                    var trust = new Trust(identity, clock);
                    current = new Generation(current.number() + 1, identity, trust);
                    LOG.info("new certificates from {} are in use", files.certificate());
                }
                complain(outOfDate());
                yield isNew;
            }
            case Tls.Read.Bad(Tls.Part part, String reason) -> bad(describe(files, part, reason));
        };
    }

    private boolean bad(String why) {
        isBad = true;
        complain(why + "; going on with the certificates of before");
        return false;
    }

    private void complain(String why) {
        if (!why.isEmpty() && !why.equals(complaint)) {
            LOG.warn("{}", why);
        }
        complaint = why;
    }

    /** What the calendar has to say. */
    private String outOfDate() {
        long nowMs = clock.wallMicros() / MICROS_PER_MS;
        Tls.Identity identity = current.identity();
        if (identity.chain().getFirst().getNotAfter().getTime() < nowMs) {
            return files.certificate()
                    + " was valid until "
                    + identity.chain().getFirst().getNotAfter().toInstant()
                    + ", so others refuse it; issue a new one";
        }
        for (X509CRL list : identity.revoked()) {
            if (list.getNextUpdate() != null && list.getNextUpdate().getTime() < nowMs) {
                return files.revoked()
                        + " should have been renewed by "
                        + list.getNextUpdate().toInstant()
                        + "; it is still used, but does not know what was revoked since";
            }
        }
        return "";
    }

    /** What is wrong with the files as they are now; empty: nothing. */
    public String complaint() {
        return complaint;
    }
}
