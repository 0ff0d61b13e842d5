package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** docs/formats/sessions.md says what the code does. */
@DisabledIf(value = "isBigEndian", disabledReason = "the example is of a little-endian machine")
class SessionAreaDocumentTest {
    private static final UUID BOOT = new UUID(0x1122334455667788L, 0xaabbccddeeff0001L);
    private static final byte[] TAKEN = {0, 10, 0, 16, 10, 11};
    private static final int SIZE_BYTES = 4096 + 4096 * 256 + 131_072;

    @TempDir Path directory;

    static boolean isBigEndian() {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    }

    private record Peer() implements StreamSocket {
        @Override
        public int descriptor() {
            return 9;
        }

        @Override
        public long cookie() {
            return 0x2001;
        }

        @Override
        public long peerHigh() {
            return 0x2001_0db8_0000_0000L;
        }

        @Override
        public long peerLow() {
            return 1;
        }

        @Override
        public int peerPort() {
            return 50_000;
        }

        @Override
        public int receive(StreamSession into) {
            return 0;
        }

        @Override
        public int read(ByteBuffer into) {
            return 0;
        }

        @Override
        public void write(ByteBuffer from) {}

        @Override
        public void shutdown() {}

        @Override
        public void close() {}
    }

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        Path file = directory.resolve("area");
        Files.write(file, HexExample.of("sessions.md").bytes(SIZE_BYTES));
        try (SessionArea area = SessionArea.map(file)) {
            assertThat(area.isOf(BOOT)).isTrue();
            assertThat(area.owner()).isEqualTo(new Processes.Identity(1234, 5));
            assertThat(area.keeper()).isEqualTo(new Processes.Identity(1239, 6));
            assertThat(area.listenerKept().descriptor()).isEqualTo(-1);
            assertThat(area.used()).isEqualTo(1);
            assertThat(area.session(0)).isEqualTo(new SessionArea.Handle(0x2001, 9));
            StreamSession session = area.open(0);
            assertThat(session.state()).isEqualTo(StreamSession.State.OPEN);
            assertThat(session.keeperDescriptor()).isEqualTo(30);
            assertThat(session.peerHigh()).isEqualTo(0x2001_0db8_0000_0000L);
            assertThat(session.peerLow()).isEqualTo(1);
            assertThat(session.peerPort()).isEqualTo(50_000);
            assertThat(session.from()).isZero();
            assertThat(session.to()).isEqualTo(6);
            assertThat(session.appendAt()).isEqualTo(4096);
            assertThat(session.batch()).isEqualTo(7);
            var taken = new byte[6];
            session.bytes().get(0, taken);
            assertThat(taken).isEqualTo(TAKEN);
        }
    }

    @Test
    void theExampleIsWrittenToTheSameBytes() throws IOException {
        Path file = directory.resolve("area");
        try (SessionArea area = SessionArea.map(file)) {
            area.format(BOOT);
            area.own(new Processes.Identity(1234, 5));
            StreamSession session = area.open(0);
            session.begin(new Peer());
            session.setState(StreamSession.State.OPEN);
            while (session.batch() < 7) {
                session.appended(session.to());
            }
            session.put(ByteBuffer.wrap(TAKEN));
            session.setAppendAt(4096);
            area.keep(new Processes.Identity(1239, 6));
            area.keepSession(0, 30);
        }
        byte[] written = Files.readAllBytes(file);
        HexExample example = HexExample.of("sessions.md");
        assertThat(written).hasSize(SIZE_BYTES);
        assertThat(example.shownOf(written)).isEqualTo(example.bytes(written.length));
    }

    @Test
    void aPredecessorsBytesThatWereNotNotedAreTaken() {
        SessionArea area = SessionArea.inMemory();
        StreamSession session = area.open(3);
        session.begin(new Peer());
        session.put(ByteBuffer.wrap(new byte[10]));
        var message = session.message();
        message.set(java.lang.foreign.ValueLayout.JAVA_INT, 56, 100); // as the kernel does
        assertThat(session.to()).isEqualTo(10);
        session.recover();
        assertThat(session.to()).isEqualTo(110);
        session.recover();
        assertThat(session.to()).as("once").isEqualTo(110);
        area.close();
    }

    @Test
    void aKeeperSeesNoAreaBeforeAllOfItIsThere() throws IOException {
        Path file = directory.resolve("area");
        assertThat(SessionArea.look(file)).isEmpty();
        Files.write(file, new byte[4096]);
        assertThat(SessionArea.look(file)).isEmpty();
        SessionArea.map(file).close();
        assertThat(SessionArea.look(file)).isPresent();
    }
}
