package io.narwhal.pki;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Randomness;
import io.narwhal.base.SmallFile;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A private certificate authority, in a directory: its key, its certificate, the index of what it
 * issued and revoked, and the revocation list.
 *
 * <p>The order of writing is what makes it survive any crash. A new authority: key, index,
 * revocation list, and last its certificate, which alone makes it one. A new certificate: the
 * node's key, beside the old one; the index; the node's files. A revocation: the index, then the
 * list, which is a function of the index: its number is one more than the revocations there. So
 * whatever is cut off is seen by the next run, which mends it and tells so in {@link #mended}.
 *
 * <p>One process at a time may issue and revoke; whoever calls sees to that. Every method throws
 * {@link io.narwhal.base.DiskFailure} and {@link AuthorityException}.
 */
public final class Authority {
    /** The node's certificate; nothing stands between it and the authority. */
    public static final String CERTIFICATE = "certificate.pem";

    /** The node's key. */
    public static final String KEY = "key.pem";

    /** The authority's certificate, in its own directory and in each node's. */
    public static final String CA = "ca.pem";

    /** The revocation list, in the authority's own directory and in each node's. */
    public static final String REVOKED = "revoked.pem";

    /** The authority's key, in its own directory alone. */
    public static final String CA_KEY = "ca-key.pem";

    private static final String UNUSED_KEY = "ca-key.pem.unused";

    /** The longest that an authority lives. */
    public static final int YEARS_MAX = 30;

    private final Disk disk;
    private final Clock clock;
    private final Signer signer;
    private final Path directory;
    private final X509Certificate certificate;
    private final AuthorityIndex index;
    private final List<String> mended = new ArrayList<>();

    private Authority(
            Disk disk,
            Clock clock,
            Signer signer,
            Path directory,
            X509Certificate certificate,
            AuthorityIndex index) {
        this.disk = disk;
        this.clock = clock;
        this.signer = signer;
        this.directory = directory;
        this.certificate = certificate;
        this.index = index;
    }

    /**
     * Makes a new authority, whose clock tells from when on it is valid.
     *
     * @param name as it calls itself, at most 64 characters
     * @param years that it is valid, 1 to {@link #YEARS_MAX}
     * @throws AuthorityException when the directory has one already
     */
    public static Authority init(Disk disk, Clock clock, Path directory, String name, int years) {
        return init(disk, clock, Randomness.system(), directory, name, years);
    }

    static Authority init(
            Disk disk, Clock clock, SecureRandom random, Path directory, String name, int years) {
        Check.that(years >= 1 && years <= YEARS_MAX, "an authority lives 1 to 30 years");
        Check.that(nameProblem(name).isEmpty(), "the name is one");
        if (disk.exists(directory.resolve(CA))) {
            throw new AuthorityException(
                    directory
                            + " has a certificate authority already; nothing was changed. Issue"
                            + " certificates with it (narwhal pki issue NAME --dir "
                            + directory
                            + "), or make another one elsewhere (--dir)");
        }
        disk.createDirectories(directory);
        List<String> mended = setAside(disk, directory);
        var signer = new Signer(random);
        KeyPair own = signer.newKey();
        PrivateKey key = own.getPrivate();
        SmallFile.replacePrivate(disk, directory, CA_KEY, Pem.KEY.text(key.getEncoded()));
        SmallFile.replace(disk, directory, AuthorityIndex.NAME, new byte[0]);
        Instant now = now(clock);
        Instant end = now.atOffset(ZoneOffset.UTC).plusYears(years).toInstant();
        X509Certificate self = signer.authority(name, own.getPublic(), key, now, end);
        byte[] none = signer.revoked(List.of(), 1, self, key, now);
        SmallFile.replace(disk, directory, REVOKED, Pem.REVOKED.text(none));
        SmallFile.replace(disk, directory, CA, certificateText(self));
        Authority made = open(disk, clock, random, directory);
        made.mended.addAll(mended);
        return made;
    }

    /**
     * What an earlier run left that was cut off: a key that signed nothing, as nothing is issued.
     */
    private static List<String> setAside(Disk disk, Path directory) {
        Path key = directory.resolve(CA_KEY);
        Path index = directory.resolve(AuthorityIndex.NAME);
        if (disk.stamp(index).filter(stamp -> stamp.sizeBytes() > 0).isPresent()) {
            throw new AuthorityException(
                    directory
                            + " has the index of an authority ("
                            + AuthorityIndex.NAME
                            + ") whose certificate "
                            + CA
                            + " is missing; nothing was changed. Bring "
                            + CA
                            + " back: each node that has a certificate has a copy");
        }
        if (!disk.exists(key)) {
            return List.of();
        }
        disk.rename(key, directory.resolve(UNUSED_KEY));
        disk.forceDirectory(directory);
        return List.of(
                key
                        + " was there without a certificate, as an init that was cut off leaves it;"
                        + " it is now "
                        + UNUSED_KEY
                        + ", and a new key was made");
    }

    /**
     * The authority in that directory.
     *
     * @throws AuthorityException when there is none, or it is damaged
     */
    public static Authority open(Disk disk, Clock clock, Path directory) {
        return open(disk, clock, Randomness.system(), directory);
    }

    static Authority open(Disk disk, Clock clock, SecureRandom random, Path directory) {
        Path file = directory.resolve(CA);
        if (!disk.exists(file)) {
            throw new AuthorityException(
                    directory
                            + " has no certificate authority ("
                            + CA
                            + "); make one: narwhal pki init --dir "
                            + directory
                            + ", or name its directory with --dir");
        }
        X509Certificate self =
                Pem.CERTIFICATE
                        .der(SmallFile.read(disk, file))
                        .flatMap(Signer::certificate)
                        .orElseThrow(
                                () ->
                                        new AuthorityException(
                                                file
                                                        + ": holds no certificate in PEM form;"
                                                        + " bring it back: each node that has a"
                                                        + " certificate has a copy"));
        AuthorityIndex index = AuthorityIndex.read(disk, directory);
        return new Authority(disk, clock, new Signer(random), directory, self, index);
    }

    /** Its certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** How it calls itself. */
    public String name() {
        return Signer.commonName(certificate);
    }

    /** What its clock says, in whole seconds. */
    public Instant now() {
        return now(clock);
    }

    /** All that it issued, in that order. */
    public List<Certified> list() {
        return index.all();
    }

    /**
     * What an earlier run left unfinished, each in a sentence; the next issue or revoke mends it.
     */
    public List<String> unfinished() {
        List<String> found = new ArrayList<>();
        if (index.torn().length > 0) {
            found.add(
                    directory.resolve(AuthorityIndex.NAME)
                            + " ends in a line that a crash left half written; no certificate came"
                            + " of it");
        }
        if (!isListAsTheIndex()) {
            found.add(directory.resolve(REVOKED) + " is not what the index says");
        }
        return found;
    }

    /** What this run found unfinished and mended, each in a sentence. */
    public List<String> mended() {
        return List.copyOf(mended);
    }

    private boolean isListAsTheIndex() {
        Path file = directory.resolve(REVOKED);
        return disk.exists(file)
                && Pem.REVOKED
                        .der(SmallFile.read(disk, file))
                        .filter(der -> Signer.number(der, certificate) == listNumber())
                        .isPresent();
    }

    private long listNumber() {
        return index.revocations() + 1L;
    }

    private void mend(PrivateKey key) {
        if (index.torn().length > 0) {
            index.cut(disk);
            mended.add(
                    "cut off the end of "
                            + directory.resolve(AuthorityIndex.NAME)
                            + ", a line that a crash left half written (kept as "
                            + AuthorityIndex.NAME
                            + ".broken); no certificate came of it");
        }
        if (!isListAsTheIndex()) {
            writeList(key);
            mended.add(
                    "made "
                            + directory.resolve(REVOKED)
                            + " anew, as it was not what the index says; copy it to the nodes");
        }
    }

    private void writeList(PrivateKey key) {
        List<Certified> revoked =
                index.all().stream().filter(one -> one.revocation().isPresent()).toList();
        byte[] der = signer.revoked(revoked, listNumber(), certificate, key, now(clock));
        SmallFile.replace(disk, directory, REVOKED, Pem.REVOKED.text(der));
    }

    /**
     * Issues a certificate, with a new key, into a directory, which is made if it is missing.
     *
     * <p>When an earlier run with the same order was cut off there, its certificate is finished
     * instead.
     *
     * @param order that has no {@linkplain Order#problem problem}
     * @throws AuthorityException when the authority ends before the certificate would, or the
     *     directory has files of another node
     */
    public Issued issue(Order order, Path out) {
        Check.that(order.problem().isEmpty(), "the order is one that can be met");
        Instant now = now(clock);
        PrivateKey key = key();
        refuseOutside(order, now);
        var node = new NodeDirectory(disk, out);
        refuseOccupied(order, node);
        mend(key);
        List<Certified> begun =
                ofName(order.name(), now).filter(one -> node.isUnfinished(one, signer)).toList();
        Optional<Certified> same = begun.stream().filter(order::isMetBy).findFirst();
        begun.stream().filter(one -> !order.isMetBy(one)).forEach(this::tellAbandoned);
        Certified issued = same.orElseGet(() -> begin(order, node, key, now));
        node.put(CA, certificateText(certificate));
        node.put(REVOKED, SmallFile.read(disk, directory.resolve(REVOKED)));
        node.finish(issued, signer);
        List<Certified> replaced =
                order.isReplacing() ? replace(issued, node, key, now) : List.of();
        return new Issued(issued, out, same.isPresent(), replaced);
    }

    /** The key first, as without it the certificate is worth nothing; then the index. */
    private Certified begin(Order order, NodeDirectory node, PrivateKey key, Instant now) {
        KeyPair theirs = signer.newKey();
        node.begin(theirs.getPrivate());
        var made =
                new Certified(
                        order.name(),
                        signer.node(order, theirs.getPublic(), certificate, key, now),
                        Optional.empty());
        index.issue(disk, made, now);
        return made;
    }

    private List<Certified> replace(
            Certified issued, NodeDirectory node, PrivateKey key, Instant now) {
        List<Certified> earlier =
                ofName(issued.name(), now)
                        .filter(one -> !one.serial().equals(issued.serial()))
                        .toList();
        revoke(earlier, Revocation.Reason.SUPERSEDED, key, now);
        node.put(REVOKED, SmallFile.read(disk, directory.resolve(REVOKED)));
        return earlier;
    }

    private Stream<Certified> ofName(String name, Instant now) {
        return index.all().stream().filter(one -> one.name().equals(name) && one.isRevocable(now));
    }

    private void tellAbandoned(Certified one) {
        mended.add(
                "certificate "
                        + one.serial()
                        + " of "
                        + one.name()
                        + " was begun by a run that was cut off, and never finished; nobody uses"
                        + " it. To be sure: narwhal pki revoke "
                        + one.serial()
                        + " --dir "
                        + directory);
    }

    private void refuseOutside(Order order, Instant now) {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isBefore(begin)) {
            throw new AuthorityException(
                    "the clock says "
                            + now
                            + ", but the authority in "
                            + directory
                            + " begins at "
                            + begin
                            + "; set the clock");
        }
        long daysLeft = Duration.between(now, end).toDays();
        if (order.days() > daysLeft) {
            throw new AuthorityException(
                    "the authority in "
                            + directory
                            + " ends at "
                            + end
                            + ", before the certificate would; "
                            + (daysLeft > 0
                                    ? "give it at most --days " + daysLeft + ", or make"
                                    : "make")
                            + " another authority (narwhal pki init --dir OTHER)");
        }
    }

    private void refuseOccupied(Order order, NodeDirectory node) {
        Path out = node.directory();
        if (out.toAbsolutePath().normalize().equals(directory.toAbsolutePath().normalize())) {
            throw new AuthorityException(
                    out + " is the authority's own directory; name another one with --out");
        }
        boolean isOurs =
                index.all().stream()
                        .filter(one -> one.name().equals(order.name()))
                        .anyMatch(one -> node.isOf(one, signer));
        if (!isOurs && node.isOccupied()) {
            throw new AuthorityException(
                    out
                            + " has a "
                            + CERTIFICATE
                            + " or "
                            + KEY
                            + " that this authority did not issue for "
                            + order.name()
                            + "; nothing was changed. Name another directory with --out, or move"
                            + " them away");
        }
    }

    /**
     * Revokes one certificate by its serial number, or all of a name that are neither revoked nor
     * expired.
     *
     * @return those that were revoked by this; none when all were revoked already or expired
     * @throws AuthorityException when it never issued such a certificate
     */
    public List<Certified> revoke(String nameOrSerial, Revocation.Reason reason) {
        String serial = nameOrSerial.replace(":", "").toLowerCase(Locale.ROOT);
        List<Certified> meant =
                index.all().stream()
                        .filter(
                                one ->
                                        one.name().equals(nameOrSerial)
                                                || one.serial().equals(serial))
                        .toList();
        if (meant.isEmpty()) {
            throw new AuthorityException(
                    "the authority in "
                            + directory
                            + " issued no certificate with the name or serial number '"
                            + nameOrSerial
                            + "'; see: narwhal pki list --dir "
                            + directory);
        }
        PrivateKey key = key();
        mend(key);
        Instant now = now(clock);
        List<Certified> revocable = meant.stream().filter(one -> one.isRevocable(now)).toList();
        revoke(revocable, reason, key, now);
        return revocable;
    }

    private void revoke(
            List<Certified> some, Revocation.Reason reason, PrivateKey key, Instant now) {
        some.forEach(one -> index.revoke(disk, one, new Revocation(now, reason)));
        if (!some.isEmpty()) {
            writeList(key);
        }
    }

    private PrivateKey key() {
        Path file = directory.resolve(CA_KEY);
        PrivateKey key =
                Pem.KEY
                        .der(SmallFile.read(disk, file))
                        .flatMap(Signer::key)
                        .orElseThrow(
                                () ->
                                        new AuthorityException(
                                                file
                                                        + ": holds no EC key in PEM form; bring it"
                                                        + " back from the copy of the directory"));
        if (!signer.belongs(key, certificate.getPublicKey())) {
            throw new AuthorityException(
                    file
                            + ": is not the key of "
                            + directory.resolve(CA)
                            + "; bring both back from the copy of the directory");
        }
        return key;
    }

    private static Instant now(Clock clock) {
        // Certificates tell whole seconds.
        return Instant.EPOCH
                .plus(clock.wallMicros(), ChronoUnit.MICROS)
                .truncatedTo(ChronoUnit.SECONDS);
    }

    private static byte[] certificateText(X509Certificate certificate) {
        return Pem.CERTIFICATE.text(Signer.bytes(certificate));
    }

    /** What is wrong with the name of an authority, in a sentence; empty when nothing is. */
    public static Optional<String> nameProblem(String name) {
        boolean isGood =
                !name.isBlank()
                        && name.length() <= Order.NAME_CHARACTERS_MAX
                        && name.codePoints().noneMatch(Character::isISOControl);
        return isGood
                ? Optional.empty()
                : Optional.of(
                        "the name of an authority has 1 to "
                                + Order.NAME_CHARACTERS_MAX
                                + " characters, none of which controls a terminal");
    }
}
