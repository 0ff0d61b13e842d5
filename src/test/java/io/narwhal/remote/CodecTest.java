package io.narwhal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import io.narwhal.remote.v1.AccountingData;
import io.narwhal.remote.v1.EndOfData;
import io.narwhal.remote.v1.Error;
import io.narwhal.remote.v1.Gap;
import io.narwhal.remote.v1.Hello;
import io.narwhal.remote.v1.Open;
import io.narwhal.remote.v1.Opened;
import io.narwhal.remote.v1.PullRequest;
import io.narwhal.remote.v1.Resolve;
import io.narwhal.remote.v1.SetThresholds;
import io.narwhal.remote.v1.Status;
import io.narwhal.transfer.Code;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Reason;
import io.narwhal.transfer.Resumption;
import io.narwhal.transfer.Saved;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Thresholds;
import io.narwhal.transfer.Verdict;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every message is the same after the wire, and what is none is an outcome (R63). */
class CodecTest {
    private static final StreamId FLOWS = new StreamId(Journal.RECEIVED, "flows");
    private static final StreamId LANE = new StreamId(Journal.USAGE, "länge");
    private static final Occupancy HELD = new Occupancy(5, 6, 7, 100);

    static List<FromAgent> fromAgents() {
        List<FromAgent> all = new ArrayList<>();
        all.add(
                new FromAgent.Hello(
                        "edge-1",
                        1,
                        1L << 40,
                        List.of(
                                new Stream(
                                        FLOWS,
                                        -1,
                                        List.of(new Incarnation(Long.MIN_VALUE, 0)),
                                        3,
                                        Long.MAX_VALUE),
                                new Stream(LANE, 2, List.of(), 0, 0)),
                        9,
                        "c"));
        for (Verdict verdict : Verdict.values()) {
            all.add(
                    new FromAgent.Opened(
                            List.of(new Resumption(FLOWS, -7, 8, verdict, 1, 2, "so it is"))));
        }
        all.add(new FromAgent.ThresholdsResult(3, true, ""));
        all.add(new FromAgent.PullRequest(EnumSet.allOf(Reason.class), HELD, "why"));
        all.add(RemoteSecurityTest.data(100));
        all.add(
                new FromAgent.AccountingData(
                        2,
                        LANE,
                        3,
                        4,
                        5,
                        6,
                        0,
                        0,
                        0,
                        0,
                        true,
                        "m2",
                        ByteBuffer.allocate(0),
                        -5,
                        "damaged"));
        all.add(new FromAgent.EndOfData(1, 2, HELD, true));
        all.add(new FromAgent.Resolve(FLOWS, 1, 2, 3, true));
        all.add(new FromAgent.Status(Occupancy.EMPTY));
        for (Code code : Code.values()) {
            all.add(new FromAgent.Trouble(code, "detail", 500));
        }
        all.add(new FromAgent.Close("drained"));
        return all;
    }

    static List<FromManager> fromManagers() {
        List<FromManager> all = new ArrayList<>();
        for (Journal journal : Journal.values()) {
            all.add(
                    new FromManager.Open(
                            "central",
                            1,
                            "i",
                            journal,
                            List.of(
                                    new Saved(
                                            FLOWS,
                                            Long.MIN_VALUE,
                                            1,
                                            List.of(new Incarnation(-2, 3)))),
                            Long.MAX_VALUE));
        }
        all.add(new FromManager.SetThresholds(1, new Thresholds(75, 50, 100_000, 0, 5_000)));
        all.add(new FromManager.ProvideAccountingData(1, 200_000, 16 << 20));
        all.add(new FromManager.Acknowledge(7, -1));
        all.add(new FromManager.Resolved(LANE, 1, 2, 3));
        all.add(new FromManager.Status());
        for (Code code : Code.values()) {
            all.add(new FromManager.Trouble(code, "", 0));
        }
        all.add(new FromManager.Close(""));
        return all;
    }

    @Test
    void everyMessageIsTheSameBehindTheWire() {
        Set<Class<?>> kinds = new HashSet<>();
        for (FromAgent message : fromAgents()) {
            kinds.add(message.getClass());
            byte[] bytes = Encoder.encode(message).toByteArray();
            assertThat(Decoder.fromAgent(bytes))
                    .isEqualTo(new Decoded.Message<>(message, bytes.length));
        }
        for (FromManager message : fromManagers()) {
            kinds.add(message.getClass());
            byte[] bytes = Encoder.encode(message).toByteArray();
            assertThat(Decoder.fromManager(bytes))
                    .isEqualTo(new Decoded.Message<>(message, bytes.length));
        }
        List<Class<?>> all = new ArrayList<>();
        Collections.addAll(all, FromAgent.class.getPermittedSubclasses());
        Collections.addAll(all, FromManager.class.getPermittedSubclasses());
        assertThat(kinds).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void framesAreNotCopiedOutOfTheMessage() {
        byte[] bytes = Encoder.encode(RemoteSecurityTest.data(100)).toByteArray();
        if (Decoder.fromAgent(bytes)
                instanceof Decoded.Message<FromAgent>(FromAgent.AccountingData data, int length)) {
            assertThat(length).isEqualTo(bytes.length);
            assertThat(data.frames().array()).isSameAs(bytes);
            assertThat(data.frames().remaining()).isEqualTo(100);
        } else {
            throw new AssertionError("no data");
        }
    }

    @Test
    void whatIsSaidToPeopleIsCutAtItsLimit() {
        FromAgent said = new FromAgent.Close("ä".repeat(5_000));
        byte[] bytes = Encoder.encode(said).toByteArray();
        assertThat(bytes.length).isLessThan(4_200);
        assertThat(Decoder.fromAgent(bytes)).isInstanceOf(Decoded.Message.class);
    }

    @Test
    void onlyTheNewestWritersOfAJournalAreSent() {
        List<Incarnation> lineage = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            lineage.add(new Incarnation(i, i));
        }
        FromAgent.Hello sent =
                new FromAgent.Hello("a", 1, 0, List.of(new Stream(FLOWS, 1, lineage, 0, 9)), 0, "");
        if (Decoder.fromAgent(Encoder.encode(sent).toByteArray())
                instanceof Decoded.Message<FromAgent>(FromAgent.Hello hello, int _)) {
            assertThat(hello.streams().getFirst().lineage())
                    .isEqualTo(lineage.subList(3_000 - 1_024, 3_000));
        } else {
            throw new AssertionError("no hello");
        }
    }

    private static void agentRefused(
            io.narwhal.remote.v1.FromAgent.Builder message, String because) {
        assertThat(Decoder.fromAgent(message.build().toByteArray()))
                .isInstanceOfSatisfying(
                        Decoded.Malformed.class,
                        malformed -> assertThat(malformed.why()).contains(because));
    }

    private static void managerRefused(
            io.narwhal.remote.v1.FromManager.Builder message, String because) {
        assertThat(Decoder.fromManager(message.build().toByteArray()))
                .isInstanceOfSatisfying(
                        Decoded.Malformed.class,
                        malformed -> assertThat(malformed.why()).contains(because));
    }

    private static io.narwhal.remote.v1.FromAgent.Builder agent() {
        return io.narwhal.remote.v1.FromAgent.newBuilder();
    }

    private static io.narwhal.remote.v1.FromManager.Builder manager() {
        return io.narwhal.remote.v1.FromManager.newBuilder();
    }

    private static AccountingData.Builder data() {
        return AccountingData.newBuilder()
                .setTxn(1)
                .setStream(
                        io.narwhal.remote.v1.StreamId.newBuilder().setJournalValue(1).setName("x"))
                .setFrom(10)
                .setThrough(60)
                .setFrames(frames(1));
    }

    private static ByteString frames(int payload) {
        return ByteString.copyFrom(ByteBuffer.allocate(24 + 1).putInt(0, payload));
    }

    @Test
    void whatAnAgentMayNotSay() {
        var id = io.narwhal.remote.v1.StreamId.newBuilder().setJournalValue(1).setName("x");
        agentRefused(agent(), "says nothing");
        agentRefused(agent().setHello(Hello.newBuilder().setVersion(1)), "no 'agent'");
        agentRefused(agent().setHello(Hello.newBuilder().setAgent("a").setLastTxn(-1)), "last_txn");
        agentRefused(agent().setHello(Hello.newBuilder().setAgent("a".repeat(256))), "too long");
        agentRefused(agent().setHello(Hello.newBuilder().setAgent("ä".repeat(128))), "too long");
        agentRefused(
                agent().setHello(
                                Hello.newBuilder()
                                        .setAgent("a")
                                        .addStreams(io.narwhal.remote.v1.Stream.newBuilder())),
                "without 'id'");
        agentRefused(
                agent().setOpened(
                                Opened.newBuilder()
                                        .addStreams(
                                                io.narwhal.remote.v1.Resumption.newBuilder()
                                                        .setId(id))),
                "verdict");
        agentRefused(agent().setPullRequest(PullRequest.newBuilder().addReasonsValue(1)), "'held'");
        agentRefused(
                agent().setPullRequest(
                                PullRequest.newBuilder()
                                        .setHeld(
                                                io.narwhal.remote.v1.Occupancy
                                                        .getDefaultInstance())),
                "no reason");
        agentRefused(
                agent().setPullRequest(
                                PullRequest.newBuilder()
                                        .setHeld(
                                                io.narwhal.remote.v1.Occupancy.getDefaultInstance())
                                        .addReasonsValue(77)),
                "unknown reason");
        agentRefused(agent().setEndOfData(EndOfData.newBuilder()), "'remaining'");
        agentRefused(
                agent().setResolve(Resolve.newBuilder().setStream(id).setFrom(3).setThrough(2)),
                "ends before");
        agentRefused(agent().setStatus(Status.newBuilder()), "'held'");
        agentRefused(
                agent().setStatus(
                                Status.newBuilder()
                                        .setHeld(
                                                io.narwhal.remote.v1.Occupancy.newBuilder()
                                                        .setFillPercent(101))),
                "percentage");
        agentRefused(agent().setError(Error.newBuilder().setDetail("x")), "unknown code");
        agentRefused(
                agent().setError(Error.newBuilder().setCodeValue(1).setDetail("x".repeat(4_097))),
                "too long");
    }

    @Test
    void dataThatContradictsItself() {
        assertThat(Decoder.fromAgent(agent().setAccountingData(data()).build().toByteArray()))
                .isInstanceOf(Decoded.Message.class);
        agentRefused(agent().setAccountingData(data().clearStream()), "'stream'");
        agentRefused(
                agent().setAccountingData(
                                data().setStream(
                                                io.narwhal.remote.v1.StreamId.newBuilder()
                                                        .setName("x"))),
                "no known journal");
        agentRefused(agent().setAccountingData(data().clearFrames()), "neither or both");
        agentRefused(
                agent().setAccountingData(data().setGap(Gap.newBuilder().setReason("x"))),
                "neither or both");
        agentRefused(
                agent().setAccountingData(data().clearFrames().setGap(Gap.newBuilder())),
                "gap without reason");
        agentRefused(agent().setAccountingData(data().setThrough(9)), "ends before");
        agentRefused(agent().setAccountingData(data().setFirstSequence(1)), "last sequence");
        agentRefused(agent().setAccountingData(data().setTxn(-1)), "txn");
        agentRefused(agent().setAccountingData(data().setFrames(frames(2))), "cut short");
        agentRefused(agent().setAccountingData(data().setFrames(frames(0))), "cut short");
        agentRefused(agent().setAccountingData(data().setFrames(frames(-1))), "impossible length");
        agentRefused(
                agent().setAccountingData(data().setFrames(frames(Integer.MAX_VALUE))),
                "impossible length");
    }

    @Test
    void whatAManagerMayNotSay() {
        managerRefused(manager(), "says nothing");
        managerRefused(manager().setOpen(Open.newBuilder().setManager("m")), "known journal");
        managerRefused(
                manager()
                        .setOpen(
                                Open.newBuilder()
                                        .setManager("m")
                                        .setJournalValue(1)
                                        .addSaved(io.narwhal.remote.v1.Saved.newBuilder())),
                "without 'stream'");
        managerRefused(
                manager().setSetThresholds(SetThresholds.newBuilder().setApproachPercent(101)),
                "percentage");
        managerRefused(
                manager().setSetThresholds(SetThresholds.newBuilder().setAgeMs(-1)), "age_ms");
        managerRefused(manager().setError(Error.newBuilder()), "unknown code");
    }

    @Test
    void listsBeyondTheirLimit() {
        var open = Open.newBuilder().setManager("m").setJournalValue(1);
        for (int i = 0; i < 1_025; i++) {
            open.addSaved(
                    io.narwhal.remote.v1.Saved.newBuilder()
                            .setStream(
                                    io.narwhal.remote.v1.StreamId.newBuilder()
                                            .setJournalValue(1)
                                            .setName("x" + i)));
        }
        managerRefused(manager().setOpen(open), "more than 1024 of 'saved'");
        var lineage = io.narwhal.remote.v1.Stream.newBuilder();
        for (int i = 0; i < 1_025; i++) {
            lineage.addLineage(io.narwhal.remote.v1.Incarnation.newBuilder().setId(i));
        }
        lineage.setId(io.narwhal.remote.v1.StreamId.newBuilder().setJournalValue(1).setName("x"));
        agentRefused(
                agent().setHello(Hello.newBuilder().setAgent("a").addStreams(lineage)),
                "more than 1024 of 'lineage'");
    }

    /** Two octets each on the wire, a hundred in memory. */
    @Test
    void smallThingsInGreatNumbersAreRefusedBeforeTheyAreMade() {
        byte[] empty = new byte[2 * Bounds.FIELDS_MAX + 2];
        for (int i = 0; i < empty.length; i += 2) {
            empty[i] = 0x2a; // saved, of no length
        }
        var open =
                io.narwhal.remote.v1.FromManager.newBuilder()
                        .setOpen(Open.getDefaultInstance())
                        .build();
        assertThat(open.getSerializedSize()).isEqualTo(2);
        byte[] message = ByteBuffer.allocate(5 + empty.length).put((byte) 0x0a).array();
        int at = 1;
        for (int left = empty.length; ; left >>>= 7) {
            message[at++] = (byte) (left > 0x7f ? left & 0x7f | 0x80 : left);
            if (left <= 0x7f) {
                break;
            }
        }
        byte[] whole = new byte[at + empty.length];
        System.arraycopy(message, 0, whole, 0, at);
        System.arraycopy(empty, 0, whole, at, empty.length);

        assertThat(Decoder.fromManager(whole))
                .isInstanceOfSatisfying(
                        Decoded.Malformed.class,
                        malformed -> assertThat(malformed.why()).contains("fields"));
    }

    @Test
    void longReasonsAndTextsAreRefusedBeforeTheyAreRead() {
        byte[] reasons = new byte[20_000];
        agentRefused(
                agent().setPullRequest(PullRequest.newBuilder().setDetail(new String(reasons))),
                "field of");
        agentRefused(
                agent().setAccountingData(data().setPossibleDuplicateOf("x".repeat(9_000))),
                "field of");
    }
}
