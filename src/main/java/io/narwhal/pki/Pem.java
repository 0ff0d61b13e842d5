package io.narwhal.pki;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The textual form of keys, certificates and revocation lists (RFC 7468). */
enum Pem {
    CERTIFICATE("CERTIFICATE"),
    KEY("PRIVATE KEY"),
    REVOKED("X509 CRL");

    private static final int LINE_CHARACTERS = 64;

    private final String label;
    private final Pattern pattern;

    Pem(String label) {
        this.label = label;
        pattern =
                Pattern.compile(
                        "-----BEGIN "
                                + label
                                + "-----([A-Za-z0-9+/=\\s]*)-----END "
                                + label
                                + "-----");
    }

    byte[] text(byte[] der) {
        byte[] newline = {'\n'};
        String body = Base64.getMimeEncoder(LINE_CHARACTERS, newline).encodeToString(der);
        return ("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The first of its kind in the text; empty when there is none. */
    Optional<byte[]> der(byte[] text) {
        Matcher found = pattern.matcher(new String(text, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getMimeDecoder().decode(found.group(1)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
