package io.narwhal.pki;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that an authority issued and revoked, one JSON object a line, only ever appended to
 * and forced at each append.
 *
 * <p>A line that a crash left half written was never promised to anybody: it has no end, or zeros
 * where the file system had no time to write. Any other line that cannot be read is damage.
 */
final class AuthorityIndex {
    /** Of the file. */
    static final String NAME = "index.jsonl";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private static final String ISSUED = "issued";
    private static final String REVOKED = "revoked";

    private final Path directory;
    private final Path file;
    private final LinkedHashMap<String, Certified> bySerial = new LinkedHashMap<>();
    private int revocations;
    private int wholeBytes;
    private byte[] torn = {};

    private AuthorityIndex(Path directory) {
        this.directory = directory;
        file = directory.resolve(NAME);
    }

    static AuthorityIndex read(Disk disk, Path directory) {
        var index = new AuthorityIndex(directory);
        byte[] bytes = SmallFile.read(disk, index.file);
        int line = 1;
        for (int from = 0; from < bytes.length; line++) {
            int end = from;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            boolean isLast = end + 1 >= bytes.length;
            byte[] text = Arrays.copyOfRange(bytes, from, end);
            if (end == bytes.length || isLast && hasZero(text)) {
                index.torn = Arrays.copyOfRange(bytes, from, bytes.length);
                break;
            }
            index.take(text, line);
            from = end + 1;
            index.wholeBytes = from;
        }
        return index;
    }

    private static boolean hasZero(byte[] text) {
        for (byte one : text) {
            if (one == 0) {
                return true;
            }
        }
        return false;
    }

    private void take(byte[] text, int line) {
        try {
            JsonNode entry = JSON.readTree(text);
            String serial = entry.required("serial").asString();
            String event = entry.required("event").asString();
            boolean isGood =
                    switch (event) {
                        case ISSUED -> issued(entry, serial);
                        case REVOKED -> revoked(entry, serial);
                        default -> throw damaged(line, "'" + event + "' is no event", null);
                    };
            if (!isGood) {
                throw damaged(line, "'" + event + "' of " + serial + " cannot follow here", null);
            }
        } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
            throw damaged(line, String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
        }
    }

    private boolean issued(JsonNode entry, String serial) {
        byte[] der = Base64.getDecoder().decode(entry.required("certificate").asString());
        String name = entry.required("name").asString();
        return Signer.certificate(der)
                .map(certificate -> new Certified(name, certificate, Optional.empty()))
                .filter(one -> one.serial().equals(serial))
                .filter(one -> bySerial.put(serial, one) == null)
                .isPresent();
    }

    private boolean revoked(JsonNode entry, String serial) {
        Certified one = bySerial.get(serial);
        var reason = Revocation.Reason.of(entry.required("reason").asString());
        if (one == null || one.revocation().isPresent() || reason.isEmpty()) {
            return false;
        }
        Instant at = Instant.parse(entry.required("at").asString());
        set(one, new Revocation(at, reason.get()));
        return true;
    }

    private void set(Certified one, Revocation revocation) {
        bySerial.put(
                one.serial(),
                new Certified(one.name(), one.certificate(), Optional.of(revocation)));
        revocations++;
    }

    private AuthorityException damaged(int line, String what, @Nullable Throwable cause) {
        return new AuthorityException(
                file
                        + ":"
                        + line
                        + ": is damaged: "
                        + what
                        + "; nothing was changed. Bring the file back from the copy of the"
                        + " authority's directory",
                cause);
    }

    /** Bytes at the end that were never whole; none when all is well. */
    byte[] torn() {
        return torn.clone();
    }

    /** Cuts off what was never whole, and keeps a copy of it. */
    void cut(Disk disk) {
        if (torn.length > 0) {
            SmallFile.replace(disk, directory, NAME + ".broken", torn);
            try (var open = disk.open(file, Disk.Mode.WRITE)) {
                open.truncate(wholeBytes);
                open.force();
            }
            torn = new byte[0];
        }
    }

    /** All that were issued, in that order. */
    List<Certified> all() {
        return List.copyOf(bySerial.values());
    }

    /** How many were revoked. */
    int revocations() {
        return revocations;
    }

    /** Writes down, durably, that a certificate is issued. */
    void issue(Disk disk, Certified one, Instant at) {
        byte[] der = Signer.bytes(one.certificate());
        Map<String, String> line = new LinkedHashMap<>();
        line.put("event", ISSUED);
        line.put("at", at.toString());
        line.put("name", one.name());
        line.put("serial", one.serial());
        line.put("not_before", one.notBefore().toString());
        line.put("not_after", one.notAfter().toString());
        line.put("certificate", Base64.getEncoder().encodeToString(der));
        append(disk, line);
        bySerial.put(one.serial(), one);
    }

    /** Writes down, durably, that a certificate is revoked. */
    void revoke(Disk disk, Certified one, Revocation revocation) {
        Map<String, String> line = new LinkedHashMap<>();
        line.put("event", REVOKED);
        line.put("at", revocation.at().toString());
        line.put("name", one.name());
        line.put("serial", one.serial());
        line.put("reason", revocation.reason().label());
        append(disk, line);
        set(one, revocation);
    }

    /** One line at a time: of several, written at once, a crash may leave the later alone. */
    private void append(Disk disk, Map<String, String> line) {
        byte[] text = JSON.writeValueAsBytes(line);
        byte[] bytes = Arrays.copyOf(text, text.length + 1);
        bytes[text.length] = '\n';
        try (var open = disk.open(file, Disk.Mode.WRITE)) {
            open.write(ByteBuffer.wrap(bytes), wholeBytes);
            open.force();
        }
        wholeBytes += bytes.length;
    }
}
