package io.narwhal.pki;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a certificate is asked for.
 *
 * @param name of the node, its first and canonical name
 * @param addresses further host names and IP addresses that it is reached at
 * @param days how long it is valid
 * @param isReplacing whether earlier certificates of that name are revoked
 */
public record Order(String name, List<String> addresses, int days, boolean isReplacing) {
    /** A little more than a year. */
    public static final int DAYS = 398;

    /** Ten years. */
    public static final int DAYS_MAX = 3_650;

    /** What fits into a common name (RFC 5280 appendix A, ub-common-name). */
    static final int NAME_CHARACTERS_MAX = 64;

    private static final int HOST_CHARACTERS_MAX = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");

    public Order {
        addresses = List.copyOf(addresses);
    }

    /** A certificate of the usual length for that name, which replaces none. */
    public static Order of(String name) {
        return new Order(name, List.of(), DAYS, false);
    }

    /** As this one, valid for so many days. */
    public Order forDays(int days) {
        return new Order(name, addresses, days, isReplacing);
    }

    /** As this one, with those addresses. */
    public Order at(String... more) {
        return new Order(name, List.of(more), days, isReplacing);
    }

    /** As this one; earlier certificates of the name are revoked. */
    public Order replacing() {
        return new Order(name, addresses, days, true);
    }

    /** What is wrong with it, in a sentence; empty when nothing is. */
    public Optional<String> problem() {
        if (name.length() > NAME_CHARACTERS_MAX) {
            return Optional.of(
                    "the name '" + name + "' has more than " + NAME_CHARACTERS_MAX + " characters");
        }
        if (DIGITS_AND_DOTS.matcher(name).matches() || name.contains(":")) {
            return Optional.of(
                    "'"
                            + name
                            + "' is an address and no name; name the node, and give its address"
                            + " with --address");
        }
        if (!isHost(name)) {
            return Optional.of(notAHost("the name", name));
        }
        if (days < 1 || days > DAYS_MAX) {
            return Optional.of(
                    "a certificate is valid for 1 to " + DAYS_MAX + " days, not " + days);
        }
        return addresses.stream()
                .filter(one -> !isHost(one) && ip(one).isEmpty())
                .map(one -> notAHost("the address", one) + ", or an IP address")
                .findFirst();
    }

    /** The name and the addresses, each once, as a certificate tells them. */
    List<String> names() {
        return Stream.concat(Stream.of(name), addresses.stream())
                .map(Order::canonical)
                .distinct()
                .toList();
    }

    /** Whether a certificate has the names and the length that are asked for. */
    boolean isMetBy(Certified one) {
        Instant from = one.notBefore().plus(Signer.SLACK);
        return Duration.between(from, one.notAfter()).toDays() == days
                && namesOf(one.certificate()).equals(names());
    }

    private static String canonical(String address) {
        return ip(address).map(InetAddress::getHostAddress).orElse(address);
    }

    private static List<String> namesOf(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream().map(one -> canonical(String.valueOf(one.get(1)))).toList();
        } catch (CertificateParsingException _) {
            return List.of();
        }
    }

    private static String notAHost(String what, String text) {
        return what
                + " '"
                + text
                + "' is none of a host: it has labels of a to z, 0 to 9 and '-', at most 63"
                + " characters each, joined by '.'; such as edge-1 or edge-1.example.net";
    }

    private static boolean isHost(String text) {
        if (text.length() > HOST_CHARACTERS_MAX || DIGITS_AND_DOTS.matcher(text).matches()) {
            return false;
        }
        return Pattern.compile("\\.")
                .splitAsStream(text + ".end")
                .allMatch(label -> LABEL.matcher(label).matches());
    }

    /** The IP address that a text is, without asking anybody; empty when it is none. */
    static Optional<InetAddress> ip(String text) {
        boolean isV6 = text.contains(":") && !text.contains("%") && !text.startsWith("[");
        if (!isV6 && !IPV4.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
