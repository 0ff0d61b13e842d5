package io.narwhal.radius;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.record.Addresses;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every case of the files under {@code vectors/radius}; {@link PacketVector} says what they mean.
 */
class PacketVectorTest {
    private static final long ARRIVAL_MS = 1_700_000_000_000L;
    private static final int OFFSET = 5;

    static final Client CLIENT =
            new Client("::/0", 0, 0, 0, "testing123".getBytes(StandardCharsets.US_ASCII));

    @TempDir private static Path directory;

    @TestFactory
    Stream<DynamicTest> everyVector() throws IOException {
        return PacketVector.readAll().stream()
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> new Run(one).all()));
    }

    /** One case; its packet stands somewhere in an array, as in a block. */
    private static final class Run {
        private final PacketVector vector;
        private final byte[] bytes;
        private final int length;
        private final Verifier verifier = new Verifier();

        Run(PacketVector vector) {
            this.vector = vector;
            byte[] packet = vector.packet();
            length = packet.length;
            bytes = new byte[OFFSET + length + 3];
            Arrays.fill(bytes, (byte) 0x55);
            System.arraycopy(packet, 0, bytes, OFFSET, length);
        }

        void all() throws IOException {
            assertThat(vector.steps()).hasSizeGreaterThan(1);
            for (PacketVector.Step step : vector.steps()) {
                switch (step.word()) {
                    case "secret", "dictionary", "packet", "address", "attribute" -> {}
                    case "verdict" -> verdict(step.rest());
                    case "answer" -> answer(step.bytes());
                    case "says" -> says(step.rest());
                    case "no" -> no(step.rest());
                    default -> throw new AssertionError("unknown word " + step.word());
                }
            }
            List<String> addresses = lines("address");
            if (!addresses.isEmpty()) {
                assertThat(addresses(request())).isEqualTo(addresses);
            }
            List<String> attributes = lines("attribute");
            if (!attributes.isEmpty()) {
                assertThat(attributes()).isEqualTo(attributes);
            }
        }

        private List<String> lines(String word) {
            return vector.all(word).stream().map(PacketVector.Step::rest).toList();
        }

        private void verdict(String expected) {
            Client client = vector.all("secret").isEmpty() ? CLIENT : null;
            String found =
                    switch (verifier.verify(bytes, OFFSET, length, client)) {
                        case Verifier.Verdict.Request() -> "request";
                        case Verifier.Verdict.Status() -> "status";
                        case Verifier.Verdict.Refused(var reason) -> reason.label();
                    };
            assertThat(found).isEqualTo(expected);
        }

        private void answer(byte[] expected) {
            byte[] answer = new byte[Attribute.PACKET_BYTES_MAX + 1];
            int octets = verifier.answer(bytes, OFFSET, length, CLIENT, answer, 1);
            assertThat(HexFormat.of().formatHex(answer, 1, 1 + octets))
                    .isEqualTo(HexFormat.of().formatHex(expected));
            assertThat(
                            new AnswerCheck()
                                    .isGenuine(answer, 1, octets, bytes, OFFSET, CLIENT.secret()))
                    .isTrue();
        }

        private AccountingRequest request() {
            var request = new AccountingRequest();
            assertThat(request.read(bytes, OFFSET, length)).isTrue();
            return request;
        }

        private void says(String pairs) {
            AccountingRequest request = request();
            for (String pair : pairs.split(" ")) {
                String key = pair.substring(0, pair.indexOf('='));
                String found =
                        switch (key) {
                            case "status" -> request.status().name();
                            case "nas" -> request.nas();
                            case "subscriber" -> request.subscriber();
                            case "session" -> request.text(Attribute.ACCT_SESSION_ID);
                            case "event" -> Long.toString(request.eventMs(ARRIVAL_MS));
                            default -> throw new AssertionError("unknown key " + key);
                        };
                assertThat(key + "=" + found).isEqualTo(pair);
            }
        }

        private void no(String what) throws IOException {
            switch (what) {
                case "request" ->
                        assertThat(new AccountingRequest().read(bytes, OFFSET, length)).isFalse();
                case "address" -> assertThat(addresses(request())).isEmpty();
                case "attribute" -> assertThat(attributes()).isEmpty();
                default -> throw new AssertionError("unknown: no " + what);
            }
        }

        // An IPv4 address in its own form, its length in that of the IPv6 form.
        private static List<String> addresses(AccountingRequest request) {
            List<String> found = new ArrayList<>();
            for (int i = 0; i < request.addresses(); i++) {
                String text = Addresses.text(request.addressHigh(i), request.addressLow(i));
                found.add(text + "/" + request.addressBits(i));
            }
            return found;
        }

        private List<String> attributes() throws IOException {
            List<String> found = new ArrayList<>();
            new NamedAttributes(dictionaries())
                    .read(
                            bytes,
                            OFFSET,
                            length,
                            (name, value) ->
                                    found.add(
                                            name
                                                    + " "
                                                    + (value instanceof String
                                                            ? "\"" + value + "\""
                                                            : value)));
            return found;
        }

        private Dictionaries dictionaries() throws IOException {
            byte[] text = vector.dictionary();
            if (text.length == 0) {
                return Dictionaries.shipped();
            }
            Path file = Files.write(directory.resolve("dictionary"), text);
            return switch (Dictionaries.read(List.of(file), Disk.system())) {
                case Dictionaries.Outcome.Loaded(var dictionaries, var warnings) -> {
                    assertThat(warnings).isEmpty();
                    yield dictionaries;
                }
                case Dictionaries.Outcome.Refused(var problems) ->
                        throw new AssertionError(problems);
            };
        }
    }
}
