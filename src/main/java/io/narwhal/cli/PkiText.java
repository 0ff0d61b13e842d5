package io.narwhal.cli;

import io.narwhal.pki.Authority;
import io.narwhal.pki.Certified;
import io.narwhal.pki.Issued;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code narwhal pki} prints. */
final class PkiText {
    private PkiText() {}

    static void made(Writer out, Authority made, Path directory, String name) throws IOException {
        Instant end = made.certificate().getNotAfter().toInstant();
        String option = option(directory);
        out.write(
                "made the certificate authority '%s' in %s, valid until %s\n"
                        .formatted(name, directory, end));
        out.write(
                """

                Whoever has %s can name itself as any node: keep this directory
                off line, and a copy of it in another place. Nodes get files of their own:

                  narwhal pki issue edge-1%s
                  narwhal pki issue central%s
                """
                        .formatted(directory.resolve(Authority.CA_KEY), option, option));
    }

    static void issued(Writer out, Issued issued, Path directory) throws IOException {
        Certified one = issued.certificate();
        String name = one.name();
        out.write(
                "%s %s, serial number %s, valid until %s\n"
                        .formatted(
                                issued.isFinished()
                                        ? "finished what a run that was cut off had begun:"
                                        : "issued",
                                name,
                                one.serial(),
                                one.notAfter()));
        out.write(
                "written to %s: %s %s %s %s\n"
                        .formatted(
                                issued.directory(),
                                Authority.CERTIFICATE,
                                Authority.KEY,
                                Authority.CA,
                                Authority.REVOKED));
        for (Certified old : issued.replaced()) {
            out.write(
                    ("revoked the earlier one, %s: bring the new files to %s first, the new list"
                                    + " to its peers then\n")
                            .formatted(old.serial(), name));
        }
        out.write(
                """

                Next: copy that directory to %s, readable there by the node's user alone, and name
                it in the configuration:

                  tls: { directory: %s }      # in 'serve', or in each link of 'pull'

                Its peers know it as %s: write that into 'managers' of 'serve' at an agent, and into
                'identity' of the link at a manager, unless the link is called so. After a revocation
                copy %s to every node.
                """
                        .formatted(
                                name,
                                issued.directory(),
                                name,
                                directory.resolve(Authority.REVOKED)));
    }

    static void issuedJson(Writer out, Authority authority, Issued issued) throws IOException {
        Map<String, @Nullable Object> json = json(issued.certificate(), authority.now());
        json.put("directory", issued.directory().toString());
        json.put("finished", issued.isFinished());
        json.put("replaced", issued.replaced().stream().map(Certified::serial).toList());
        json.put("mended", authority.mended());
        Json.write(out, json);
    }

    static void revoked(Writer out, String nameOrSerial, Path directory, List<Certified> revoked)
            throws IOException {
        if (revoked.isEmpty()) {
            out.write("nothing to revoke: each of " + nameOrSerial + " is revoked or expired\n");
        }
        for (Certified one : revoked) {
            out.write("revoked " + one.name() + ", serial number " + one.serial() + "\n");
        }
        out.write(
                """

                It counts at a node when the new list is there. Next: copy %s into the tls
                directory of every node; nodes read it anew while they run.
                """
                        .formatted(directory.resolve(Authority.REVOKED)));
    }

    static void revokedJson(
            Writer out, Authority authority, Path directory, List<Certified> revoked)
            throws IOException {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("list", directory.resolve(Authority.REVOKED).toString());
        json.put("revoked", revoked.stream().map(one -> json(one, authority.now())).toList());
        json.put("mended", authority.mended());
        Json.write(out, json);
    }

    static void list(Writer out, Authority authority) throws IOException {
        Instant now = authority.now();
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("name"),
                        Column.text("serial"),
                        Column.text("not before"),
                        Column.text("not after"),
                        Column.text("state"))) {
            for (Certified one : authority.list()) {
                rows.row(
                        one.name(), one.serial(), one.notBefore(), one.notAfter(), state(one, now));
            }
        }
    }

    private static String state(Certified one, Instant now) {
        String label = one.state(now).label();
        return one.revocation()
                .map(revocation -> label + " (" + revocation.reason().label() + ")")
                .orElse(label);
    }

    static void listJson(Writer out, Authority authority) throws IOException {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("authority", authority.name());
        json.put("not_after", authority.certificate().getNotAfter().toInstant());
        json.put(
                "certificates",
                authority.list().stream().map(one -> json(one, authority.now())).toList());
        json.put("unfinished", authority.unfinished());
        Json.write(out, json);
    }

    private static Map<String, @Nullable Object> json(Certified one, Instant now) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", one.name());
        json.put("serial", one.serial());
        json.put("not_before", one.notBefore());
        json.put("not_after", one.notAfter());
        json.put("state", one.state(now).label());
        json.put("revoked_at", one.revocation().map(revocation -> revocation.at()).orElse(null));
        json.put(
                "reason",
                one.revocation().map(revocation -> revocation.reason().label()).orElse(null));
        return json;
    }

    private static String option(Path directory) {
        return directory.equals(Path.of("pki")) ? "" : " --dir " + directory;
    }
}
