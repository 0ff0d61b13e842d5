package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.base.Tls;
import io.narwhal.config.Section.Placed;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Who one side of a transfer is: files, a directory with them, or nobody at all. */
final class TransferTlsCheck {
    /** The word for a transfer in clear. */
    static final String NONE = "none";

    /** The keys of one side. */
    record Keys(Key tls, Key certificate, Key key, Key ca, Key revoked, Key directory) {}

    /** Of an agent. */
    static final Keys SERVE =
            new Keys(
                    Key.SERVE_TLS,
                    Key.SERVE_TLS_CERTIFICATE,
                    Key.SERVE_TLS_KEY,
                    Key.SERVE_TLS_CA,
                    Key.SERVE_TLS_REVOKED,
                    Key.SERVE_TLS_DIRECTORY);

    /** Of a manager's link. */
    static final Keys PULL =
            new Keys(
                    Key.PULL_TLS,
                    Key.PULL_TLS_CERTIFICATE,
                    Key.PULL_TLS_KEY,
                    Key.PULL_TLS_CA,
                    Key.PULL_TLS_REVOKED,
                    Key.PULL_TLS_DIRECTORY);

    /** The files and where each was named. */
    private record Named(
            Placed<Path> certificate,
            Placed<Path> key,
            Placed<Path> ca,
            Optional<Placed<Path>> revoked) {
        /** Where the file was named that could not be read. */
        Placed<Path> of(Path path) {
            return List.of(certificate, key, revoked.orElse(ca)).stream()
                    .filter(one -> one.value().equals(path))
                    .findFirst()
                    .orElse(ca);
        }
    }

    private final Disk disk;
    private final Problems problems;
    private final BiFunction<Section, Key, Optional<Placed<Path>>> path;
    private final Function<Placed<String>, Optional<Placed<Path>>> resolved;

    TransferTlsCheck(
            Disk disk,
            Problems problems,
            BiFunction<Section, Key, Optional<Placed<Path>>> path,
            Function<Placed<String>, Optional<Placed<Path>>> resolved) {
        this.disk = disk;
        this.problems = problems;
        this.path = path;
        this.resolved = resolved;
    }

    /** Whether the transfer is to be in clear. */
    boolean isClear(Section side, Keys keys) {
        return side.has(keys.tls())
                && side.word(keys.tls()).filter(word -> word.value().equals(NONE)).isPresent();
    }

    /** The files, read and tried; null when there are none, or they cannot be used. */
    @Nullable TransferTls read(Section side, Keys keys) {
        // Asks for the key, so that it is reported when it is missing.
        Optional<Placed<String>> word = side.word(keys.tls());
        if (isClear(side, keys) || !side.has(keys.tls())) {
            return null;
        }
        if (word.isPresent()) {
            return resolved.apply(word.get()).map(this::directory).orElse(null);
        }
        Section section = side.section(keys.tls());
        return section.has(keys.directory()) ? inDirectory(section, keys) : files(section, keys);
    }

    private @Nullable TransferTls inDirectory(Section section, Keys keys) {
        for (Key key : List.of(keys.certificate(), keys.key(), keys.ca(), keys.revoked())) {
            if (section.has(key)) {
                problems.error(
                        section.placeOf(key),
                        "'%s' is taken from the directory; remove it, or 'directory'",
                        key.label());
            }
        }
        return path.apply(section, keys.directory()).map(this::directory).orElse(null);
    }

    private TransferTls directory(Placed<Path> directory) {
        TransferTls files = TransferTls.of(directory.value());
        Path list = files.revoked();
        boolean hasList = list != null && disk.exists(list);
        check(
                new Named(
                        new Placed<>(files.certificate(), directory.at()),
                        new Placed<>(files.key(), directory.at()),
                        new Placed<>(files.ca(), directory.at()),
                        hasList && list != null
                                ? Optional.of(new Placed<>(list, directory.at()))
                                : Optional.empty()));
        return files;
    }

    private @Nullable TransferTls files(Section section, Keys keys) {
        Optional<Placed<Path>> certificate = path.apply(section, keys.certificate());
        Optional<Placed<Path>> key = path.apply(section, keys.key());
        Optional<Placed<Path>> ca = path.apply(section, keys.ca());
        Optional<Placed<Path>> revoked =
                section.has(keys.revoked())
                        ? path.apply(section, keys.revoked())
                        : Optional.empty();
        if (certificate.isEmpty() || key.isEmpty() || ca.isEmpty()) {
            return null;
        }
        check(new Named(certificate.get(), key.get(), ca.get(), revoked));
        return new TransferTls(
                certificate.get().value(),
                key.get().value(),
                ca.get().value(),
                revoked.map(Placed::value).orElse(null),
                false);
    }

    private void check(Named files) {
        try {
            Tls.Read read =
                    Tls.read(
                            bytes(files.certificate()),
                            bytes(files.key()),
                            bytes(files.ca()),
                            files.revoked().map(this::bytes).orElse(null));
            switch (read) {
                case Tls.Read.Good _ -> {}
                case Tls.Read.Bad(Tls.Part part, String reason) -> {
                    Placed<Path> file =
                            switch (part) {
                                case CERTIFICATE -> files.certificate();
                                case KEY -> files.key();
                                case CA -> files.ca();
                                case REVOKED -> files.revoked().orElse(files.ca());
                            };
                    problems.error(file.at(), "%s %s", file.value(), reason);
                }
            }
        } catch (DiskFailure e) {
            problems.error(
                    files.of(e.path()).at(),
                    "%s; mend the path or make the file readable",
                    String.valueOf(e.getMessage()));
        }
    }

    private byte[] bytes(Placed<Path> file) {
        return SmallFile.read(disk, file.value());
    }
}
