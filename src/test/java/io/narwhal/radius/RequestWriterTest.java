package io.narwhal.radius;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Check;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;

/**
 * Packets as we write them against packets that Python's hashlib and hmac signed (R7), and against
 * the {@link Verifier}, which signs with code of its own.
 */
class RequestWriterTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] SECRET = "testing123".getBytes(StandardCharsets.US_ASCII);
    private static final String STOP =
            "04070067a204b40fd4fcf1aa1ec6fd7742d355590107616c6963652806000000022a06ffffffff"
                    + "08060a000001a81220010db80000000000000000000000017b0b003820010db8000001"
                    + "1a0b00003a8c0a0572312150129f876a527237749107047058f743edb3";
    private static final String ANSWER = "05070018103f42f1344a0e11cf9be91e6385170921047078";
    private static final String SIGNED_ANSWER =
            "05070026297694a1d7bf50607449bd11e439eda750127e8b8b057452e3fca10db59bcd80265c";

    private final RequestWriter writer = new RequestWriter();
    private final byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];

    private int stop(byte[] into, int at) {
        writer.begin(into, at, 7)
                .text(Attribute.USER_NAME, "alice")
                .integer(Attribute.ACCT_STATUS_TYPE, 2)
                .integer(Attribute.ACCT_INPUT_OCTETS, 0xffff_ffffL)
                .ipv4(Attribute.FRAMED_IP_ADDRESS, 0x0a000001)
                .ipv6(Attribute.FRAMED_IPV6_ADDRESS, 0x20010db8_00000000L, 1)
                .ipv6Prefix(Attribute.DELEGATED_IPV6_PREFIX, 0x20010db8_000001ffL, -1, 56)
                .vendorText(14_988, 10, "r1!")
                .messageAuthenticator();
        return writer.end(SECRET);
    }

    private static Client client(byte[] secret) {
        return new Client("::/0", 0, 0, 0, secret);
    }

    @Test
    void writesTheOctetsThatOtherCodeWrites() {
        assertThat(HEX.formatHex(packet, 0, stop(packet, 0))).isEqualTo(STOP);
    }

    @Test
    void writesAnywhereInAnArrayThatWasUsedBefore() {
        Arrays.fill(packet, (byte) 0xee);
        int length = stop(packet, 100);
        assertThat(HEX.formatHex(packet, 100, 100 + length)).isEqualTo(STOP);
        assertThat(packet[99]).isEqualTo((byte) 0xee);
        assertThat(packet[100 + length]).isEqualTo((byte) 0xee);
    }

    @Test
    void aSecretLongerThanABlockIsDigestedFirst() {
        byte[] secret = "k".repeat(70).getBytes(StandardCharsets.US_ASCII);
        int length = writer.begin(packet, 0, 1).messageAuthenticator().end(secret);
        assertThat(HEX.formatHex(packet, 0, length))
                .isEqualTo(
                        "04010026bfa4b13ce7418f6bde178d4ac6e86972"
                                + "501245fa3d0f4ef99f9a3522a680f07f655e");
    }

    @Test
    void aStatusServerKeepsItsAuthenticatorAndIsSigned() {
        int length =
                writer.beginStatus(packet, 0, 9, 0x0001020304050607L, 0x08090a0b0c0d0e0fL)
                        .end(SECRET);
        assertThat(HEX.formatHex(packet, 0, length))
                .isEqualTo(
                        "0c090026000102030405060708090a0b0c0d0e0f"
                                + "50120179187e37127f3046f585b149e1c53b");
        assertThat(new Verifier().verify(packet, 0, length, client(SECRET)))
                .isInstanceOf(Verifier.Verdict.Status.class);
    }

    @Test
    void whatIsWrittenReadsBack() {
        int length = stop(packet, 0);
        AccountingRequest request = new AccountingRequest();
        assertThat(request.read(packet, 0, length)).isTrue();
        assertThat(request.status()).isEqualTo(Status.STOP);
        assertThat(request.subscriber()).isEqualTo("alice");
        assertThat(request.integer(Attribute.ACCT_INPUT_OCTETS)).isEqualTo(0xffff_ffffL);
        assertThat(request.addresses()).isEqualTo(3);
        assertThat(request.addressHigh(2)).isEqualTo(0x20010db8_00000100L);
        assertThat(request.addressBits(2)).isEqualTo(56);
    }

    @Test
    void whateverIsWrittenIsGenuineAndSoIsItsAnswer() {
        long seed = 20_261_122;
        var random = new Random(seed);
        var verifier = new Verifier();
        var answers = new AnswerCheck();
        byte[] answer = new byte[Attribute.PACKET_BYTES_MAX];
        for (int run = 0; run < 2_000; run++) {
            byte[] secret = new byte[1 + random.nextInt(100)];
            random.nextBytes(secret);
            int length = any(random, secret);
            String as = "seed " + seed + " run " + run;
            assertThat(verifier.verify(packet, 0, length, client(secret)))
                    .as(as)
                    .isInstanceOf(Verifier.Verdict.Request.class);
            int octets = verifier.answer(packet, 0, length, client(secret), answer, 0);
            assertThat(answers.isGenuine(answer, 0, octets, packet, 0, secret)).as(as).isTrue();
            answer[random.nextInt(octets)] ^= (byte) (1 << random.nextInt(8));
            assertThat(answers.isGenuine(answer, 0, octets, packet, 0, secret)).as(as).isFalse();
            packet[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(verifier.verify(packet, 0, length, client(secret)))
                    .as(as)
                    .isInstanceOf(Verifier.Verdict.Refused.class);
        }
    }

    private int any(Random random, byte[] secret) {
        writer.begin(packet, 0, random.nextInt(256));
        byte[] value = new byte[RequestWriter.VALUE_BYTES_MAX];
        int signed = random.nextInt(12);
        for (int i = random.nextInt(12); i >= 0; i--) {
            random.nextBytes(value);
            switch (random.nextInt(4)) {
                case 0 -> writer.integer(1 + random.nextInt(79), random.nextInt());
                case 1 -> writer.octets(Attribute.PROXY_STATE, value, 0, random.nextInt(254));
                case 2 -> writer.vendorInteger(random.nextInt(), 3, random.nextInt());
                default -> writer.integer64(1 + random.nextInt(79), random.nextLong());
            }
            if (i == signed) {
                writer.messageAuthenticator();
            }
        }
        return writer.end(secret);
    }

    @Test
    void anAnswerIsGenuineOnlyToItsRequestWithItsSecret() {
        int length = stop(packet, 0);
        assertThat(length).isEqualTo(STOP.length() / 2);
        var answers = new AnswerCheck();
        for (String text : new String[] {ANSWER, SIGNED_ANSWER}) {
            byte[] answer = HEX.parseHex(text);
            assertThat(answers.isGenuine(answer, 0, answer.length, packet, 0, SECRET)).isTrue();
            assertThat(answers.isGenuine(answer, 0, answer.length, packet, 0, new byte[1]))
                    .isFalse();
            assertThat(answers.isGenuine(answer, 0, answer.length - 1, packet, 0, SECRET))
                    .isFalse();
            byte[] other = packet.clone();
            other[1]++;
            assertThat(answers.isGenuine(answer, 0, answer.length, other, 0, SECRET)).isFalse();
            other = packet.clone();
            other[4]++;
            assertThat(answers.isGenuine(answer, 0, answer.length, other, 0, SECRET)).isFalse();
        }
        assertThat(answers.isGenuine(packet, 0, length, packet, 0, SECRET)).isFalse();
    }

    @Test
    void anAnswerWithAWrongSignatureIsNotGenuineThoughItsAuthenticatorIs() throws Exception {
        stop(packet, 0);
        byte[] answer = HEX.parseHex(SIGNED_ANSWER);
        answer[30] ^= 1;
        var md5 = java.security.MessageDigest.getInstance("MD5");
        md5.update(answer, 0, 4);
        md5.update(packet, 4, 16);
        md5.update(answer, 20, 18);
        System.arraycopy(md5.digest(SECRET), 0, answer, 4, 16);
        assertThat(new AnswerCheck().isGenuine(answer, 0, answer.length, packet, 0, SECRET))
                .isFalse();
    }

    @Test
    void whatDoesNotFitIsADefectOfTheCaller() {
        assertThatThrownBy(() -> writer.integer(40, 1)).isInstanceOf(Check.BrokenInvariant.class);
        byte[] value = new byte[254];
        writer.begin(packet, 0, 1);
        assertThatThrownBy(() -> writer.octets(1, value, 0, 254))
                .isInstanceOf(Check.BrokenInvariant.class);
        for (int i = 0; i < 15; i++) {
            writer.octets(1, value, 0, 253);
        }
        assertThatThrownBy(() -> writer.octets(1, value, 0, 253))
                .isInstanceOf(Check.BrokenInvariant.class);
        assertThat(writer.octets(1, value, 0, 249).end(SECRET)).isEqualTo(4_096);
    }

    @Test
    void packetsAreWrittenWithoutAllocation() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] user = "alice".getBytes(StandardCharsets.US_ASCII);
        writeMany(user, 20_000);
        long before = threads.getCurrentThreadAllocatedBytes();
        writeMany(user, 10_000);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000L);
    }

    private void writeMany(byte[] user, int packets) {
        for (int i = 0; i < packets; i++) {
            writer.begin(packet, 0, i)
                    .octets(Attribute.USER_NAME, user, 0, user.length)
                    .integer(Attribute.ACCT_STATUS_TYPE, 1)
                    .messageAuthenticator();
            writer.end(SECRET);
        }
    }

    @Test
    void idsMadeOfPartsThatChangePlacesHaveOtherHashes() {
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < 1 << 12; i++) {
            var id = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                id.append((i >> bit & 1) == 0 ? "Aa" : "BB"); // equal as polynomials of 31
            }
            byte[] bytes = id.toString().getBytes(StandardCharsets.US_ASCII);
            hashes.add(AccountingRequest.hash(bytes, 0, bytes.length));
        }
        assertThat(hashes).hasSizeGreaterThan((1 << 12) - 10);
    }
}
