package io.narwhal.remote;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;

import io.narwhal.transfer.Code;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Reason;
import io.narwhal.transfer.Resumption;
import io.narwhal.transfer.Saved;
import io.narwhal.transfer.Slice;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Thresholds;
import io.narwhal.transfer.Verdict;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Messages from their wire form. Strict: what is missing, unknown, beyond a limit or contradicts
 * itself makes the message malformed. Frames are not copied: they refer into the bytes given.
 */
final class Decoder {
    private static final Parser<io.narwhal.remote.v1.FromAgent> AGENT =
            DiscardUnknownFieldsParser.wrap(io.narwhal.remote.v1.FromAgent.parser());
    private static final Parser<io.narwhal.remote.v1.FromManager> MANAGER =
            DiscardUnknownFieldsParser.wrap(io.narwhal.remote.v1.FromManager.parser());
    private static final int PERCENT_MAX = 100;

    private Decoder() {}

    /** Why bytes are no message; never leaves this class. */
    private static final class Unfit extends RuntimeException {
        Unfit(String why) {
            super(why, null, false, false);
        }
    }

    private interface Step<M> {
        M take() throws IOException;
    }

    static Decoded<FromAgent> fromAgent(byte[] bytes) {
        return decoded(
                bytes,
                () -> {
                    Bounds.check(bytes, Bounds.FROM_AGENT);
                    return message(AGENT.parseFrom(in(bytes)));
                });
    }

    static Decoded<FromManager> fromManager(byte[] bytes) {
        return decoded(
                bytes,
                () -> {
                    Bounds.check(bytes, Bounds.FROM_MANAGER);
                    return message(MANAGER.parseFrom(in(bytes)));
                });
    }

    private static <M> Decoded<M> decoded(byte[] bytes, Step<M> step) {
        try {
            return new Decoded.Message<>(step.take(), bytes.length);
        } catch (Unfit | IOException e) {
            return new Decoded.Malformed<>(String.valueOf(e.getMessage()));
        }
    }

    /** The parts of the message refer into the bytes. */
    private static CodedInputStream in(byte[] bytes) {
        CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
        in.enableAliasing(true);
        return in;
    }

    private static FromAgent message(io.narwhal.remote.v1.FromAgent wire) {
        return switch (wire.getMessageCase()) {
            case HELLO -> hello(wire.getHello());
            case OPENED -> opened(wire.getOpened());
            case THRESHOLDS_RESULT -> {
                var result = wire.getThresholdsResult();
                yield new FromAgent.ThresholdsResult(
                        natural(result.getPolicyVersion(), "policy_version"),
                        result.getAccepted(),
                        text(result.getWhy(), "why"));
            }
            case PULL_REQUEST -> {
                var request = wire.getPullRequest();
                require(request.hasHeld(), "has no 'held'");
                yield new FromAgent.PullRequest(
                        reasons(request.getReasonsList()),
                        occupancy(request.getHeld()),
                        text(request.getDetail(), "detail"));
            }
            case ACCOUNTING_DATA -> data(wire.getAccountingData());
            case END_OF_DATA -> {
                var end = wire.getEndOfData();
                require(end.hasRemaining(), "has no 'remaining'");
                yield new FromAgent.EndOfData(
                        natural(end.getPull(), "pull"),
                        natural(end.getLastTxn(), "last_txn"),
                        occupancy(end.getRemaining()),
                        end.getStandby());
            }
            case RESOLVE -> {
                var resolve = wire.getResolve();
                require(resolve.hasStream(), "has no 'stream'");
                ordered(resolve.getFrom(), resolve.getThrough());
                yield new FromAgent.Resolve(
                        id(resolve.getStream()),
                        resolve.getEpoch(),
                        resolve.getFrom(),
                        resolve.getThrough(),
                        resolve.getDuplicate());
            }
            case STATUS -> {
                require(wire.getStatus().hasHeld(), "has no 'held'");
                yield new FromAgent.Status(occupancy(wire.getStatus().getHeld()));
            }
            case ERROR ->
                    new FromAgent.Trouble(
                            code(wire.getError()),
                            text(wire.getError().getDetail(), "detail"),
                            natural(wire.getError().getRetryAfterMs(), "retry_after_ms"));
            case CLOSE -> new FromAgent.Close(text(wire.getClose().getReason(), "reason"));
            case MESSAGE_NOT_SET -> throw new Unfit("says nothing that an agent may say");
        };
    }

    private static FromAgent.Hello hello(io.narwhal.remote.v1.Hello hello) {
        limited(hello.getStreamsCount(), Bounds.STREAMS_MAX, "streams");
        List<Stream> streams = new ArrayList<>(hello.getStreamsCount());
        for (var stream : hello.getStreamsList()) {
            require(stream.hasId(), "has a stream without 'id'");
            ordered(stream.getFirst(), stream.getEnd());
            streams.add(
                    new Stream(
                            id(stream.getId()),
                            stream.getEpoch(),
                            lineage(stream.getLineageList()),
                            stream.getFirst(),
                            stream.getEnd()));
        }
        return new FromAgent.Hello(
                name(hello.getAgent(), "agent"),
                (int) natural(hello.getVersion(), "version"),
                natural(hello.getCapacityBytes(), "capacity_bytes"),
                streams,
                natural(hello.getLastTxn(), "last_txn"),
                optionalName(hello.getConfigId(), "config_id"));
    }

    private static FromAgent.Opened opened(io.narwhal.remote.v1.Opened opened) {
        limited(opened.getStreamsCount(), Bounds.STREAMS_MAX, "streams");
        List<Resumption> streams = new ArrayList<>(opened.getStreamsCount());
        for (var stream : opened.getStreamsList()) {
            require(stream.hasId(), "has a stream without 'id'");
            ordered(stream.getLostFrom(), stream.getLostTo());
            streams.add(
                    new Resumption(
                            id(stream.getId()),
                            stream.getEpoch(),
                            natural(stream.getFrom(), "from"),
                            verdict(stream.getVerdict()),
                            stream.getLostFrom(),
                            stream.getLostTo(),
                            text(stream.getDetail(), "detail")));
        }
        return new FromAgent.Opened(streams);
    }

    private static FromAgent.AccountingData data(io.narwhal.remote.v1.AccountingData data) {
        require(data.hasStream(), "has no 'stream'");
        require(data.hasGap() == data.getFrames().isEmpty(), "has neither or both: frames and gap");
        require(!data.hasGap() || !data.getGap().getReason().isEmpty(), "has a gap without reason");
        ordered(data.getFrom(), data.getThrough());
        require(
                data.hasGap()
                        || Long.compareUnsigned(data.getFirstSequence(), data.getLastSequence())
                                <= 0,
                "has a last sequence before its first");
        return new FromAgent.AccountingData(
                natural(data.getTxn(), "txn"),
                id(data.getStream()),
                data.getEpoch(),
                data.getIncarnation(),
                data.getFrom(),
                data.getThrough(),
                natural(data.getFirstSequence(), "first_sequence"),
                natural(data.getLastSequence(), "last_sequence"),
                natural(data.getItems(), "items"),
                natural(data.getRecords(), "records"),
                data.getResent(),
                optionalName(data.getPossibleDuplicateOf(), "possible_duplicate_of"),
                whole(buffer(data.getFrames())),
                data.getDigest(),
                text(data.getGap().getReason(), "gap"));
    }

    /** The bytes as they lie in the message. They are ours alone, so they need not be copied. */
    private static ByteBuffer buffer(ByteString bytes) {
        if (bytes.isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        var found = new Found();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, found);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.buffer;
    }

    /** Takes the array that a string of bytes lies in. */
    private static final class Found extends ByteOutput {
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        @Override
        public void write(byte value) {
            buffer = ByteBuffer.wrap(new byte[] {value});
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            buffer = ByteBuffer.wrap(value, offset, length).slice();
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            write(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            buffer = value;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            buffer = value;
        }
    }

    /** The same buffer, if it consists of whole frames. */
    private static ByteBuffer whole(ByteBuffer frames) {
        long at = 0;
        while (at < frames.limit()) {
            require(
                    frames.limit() - at >= Slice.Frames.FRAME_HEADER_BYTES,
                    "has a frame that is cut short");
            int payload = frames.getInt((int) at);
            require(
                    payload >= 0 && payload <= Bounds.PAYLOAD_BYTES_MAX,
                    "has a frame of an impossible length");
            at += Slice.Frames.FRAME_HEADER_BYTES + payload;
        }
        require(at == frames.limit(), "has a frame that is cut short");
        return frames;
    }

    private static FromManager message(io.narwhal.remote.v1.FromManager wire) {
        return switch (wire.getMessageCase()) {
            case OPEN -> open(wire.getOpen());
            case SET_THRESHOLDS -> {
                var set = wire.getSetThresholds();
                yield new FromManager.SetThresholds(
                        natural(set.getPolicyVersion(), "policy_version"),
                        new Thresholds(
                                percent(set.getApproachPercent(), "approach_percent"),
                                percent(set.getClearPercent(), "clear_percent"),
                                natural(set.getRecords(), "records"),
                                natural(set.getAgeMs(), "age_ms"),
                                natural(set.getNotifyRetryMs(), "notify_retry_ms")));
            }
            case PROVIDE_ACCOUNTING_DATA -> {
                var pull = wire.getProvideAccountingData();
                yield new FromManager.ProvideAccountingData(
                        natural(pull.getPull(), "pull"),
                        natural(pull.getMaxRecords(), "max_records"),
                        natural(pull.getMaxBytes(), "max_bytes"));
            }
            case ACKNOWLEDGE ->
                    new FromManager.Acknowledge(
                            natural(wire.getAcknowledge().getTxn(), "txn"),
                            wire.getAcknowledge().getDigest());
            case RESOLVED -> {
                var resolved = wire.getResolved();
                require(resolved.hasStream(), "has no 'stream'");
                ordered(resolved.getFrom(), resolved.getThrough());
                yield new FromManager.Resolved(
                        id(resolved.getStream()),
                        resolved.getEpoch(),
                        resolved.getFrom(),
                        resolved.getThrough());
            }
            case STATUS -> new FromManager.Status();
            case ERROR ->
                    new FromManager.Trouble(
                            code(wire.getError()),
                            text(wire.getError().getDetail(), "detail"),
                            natural(wire.getError().getRetryAfterMs(), "retry_after_ms"));
            case CLOSE -> new FromManager.Close(text(wire.getClose().getReason(), "reason"));
            case MESSAGE_NOT_SET -> throw new Unfit("says nothing that a manager may say");
        };
    }

    private static FromManager.Open open(io.narwhal.remote.v1.Open open) {
        limited(open.getSavedCount(), Bounds.STREAMS_MAX, "saved");
        List<Saved> saved = new ArrayList<>(open.getSavedCount());
        for (var one : open.getSavedList()) {
            require(one.hasStream(), "has a saved stream without 'stream'");
            saved.add(
                    new Saved(
                            id(one.getStream()),
                            one.getEpoch(),
                            natural(one.getThrough(), "through"),
                            lineage(one.getLineageList())));
        }
        return new FromManager.Open(
                name(open.getManager(), "manager"),
                (int) natural(open.getVersion(), "version"),
                optionalName(open.getInstance(), "instance"),
                journal(open.getJournal()),
                saved,
                natural(open.getLastTxn(), "last_txn"));
    }

    private static StreamId id(io.narwhal.remote.v1.StreamId id) {
        return new StreamId(journal(id.getJournal()), name(id.getName(), "stream's name"));
    }

    private static Journal journal(io.narwhal.remote.v1.Journal journal) {
        return switch (journal) {
            case RECEIVED -> Journal.RECEIVED;
            case USAGE -> Journal.USAGE;
            case JOURNAL_UNSPECIFIED, UNRECOGNIZED -> throw new Unfit("names no known journal");
        };
    }

    private static List<Incarnation> lineage(List<io.narwhal.remote.v1.Incarnation> lineage) {
        limited(lineage.size(), Bounds.LINEAGE_MAX, "lineage");
        List<Incarnation> read = new ArrayList<>(lineage.size());
        lineage.forEach(
                one -> read.add(new Incarnation(one.getId(), natural(one.getFirst(), "first"))));
        return read;
    }

    private static Set<Reason> reasons(List<io.narwhal.remote.v1.Reason> reasons) {
        Set<Reason> read = EnumSet.noneOf(Reason.class);
        for (var reason : reasons) {
            switch (reason) {
                case REASON_UNSPECIFIED, UNRECOGNIZED -> throw new Unfit("has an unknown reason");
                case APPROACHING, REACHED, RECORD_COUNT, INTERNAL_ERROR, AGE, SHUTDOWN ->
                        read.add(Reason.valueOf(reason.name()));
            }
        }
        require(!read.isEmpty(), "has no reason");
        return read;
    }

    private static Verdict verdict(io.narwhal.remote.v1.Verdict verdict) {
        return switch (verdict) {
            case VERDICT_UNSPECIFIED, UNRECOGNIZED -> throw new Unfit("has an unknown verdict");
            case BEGINS,
                    RESUMES,
                    AGENT_LOST,
                    AGENT_RESTORED,
                    MANAGER_BEHIND,
                    MANAGER_LOST_DATA,
                    REFUSED ->
                    Verdict.valueOf(verdict.name());
        };
    }

    private static Code code(io.narwhal.remote.v1.Error error) {
        return switch (error.getCode()) {
            case CODE_UNSPECIFIED, UNRECOGNIZED -> throw new Unfit("has an unknown code");
            case STORE_UNAVAILABLE,
                    OUT_OF_SEQUENCE,
                    BAD_DIGEST,
                    UNKNOWN_CONFIG,
                    UNAUTHORISED,
                    ACK_BEYOND_SENT,
                    BUSY,
                    UNEXPECTED,
                    VERSION,
                    MALFORMED ->
                    Code.valueOf(error.getCode().name());
        };
    }

    private static Occupancy occupancy(io.narwhal.remote.v1.Occupancy held) {
        return new Occupancy(
                natural(held.getRecords(), "records"),
                natural(held.getBytes(), "bytes"),
                natural(held.getOldestMicros(), "oldest_micros"),
                percent(held.getFillPercent(), "fill_percent"));
    }

    /** Numbers end at 2^63 - 1. */
    private static long natural(long value, String field) {
        require(value >= 0, "has an impossible '%s'", field);
        return value;
    }

    private static void ordered(long from, long to) {
        require(from >= 0 && to >= from, "ends before it begins");
    }

    private static int percent(int value, String field) {
        require(value >= 0 && value <= PERCENT_MAX, "has a '%s' that is no percentage", field);
        return value;
    }

    private static void limited(int count, int max, String field) {
        require(count <= max, "has more than " + max + " of '%s'", field);
    }

    private static String name(String name, String field) {
        require(!name.isEmpty(), "has no '%s'", field);
        return optionalName(name, field);
    }

    private static String optionalName(String name, String field) {
        require(bytes(name) <= Bounds.NAME_BYTES_MAX, "has too long a '%s'", field);
        return name;
    }

    private static String text(String text, String field) {
        require(bytes(text) <= Bounds.TEXT_BYTES_MAX, "has too long a '%s'", field);
        return text;
    }

    private static long bytes(String text) {
        return text.codePoints()
                .mapToLong(one -> one < 0x80 ? 1 : one < 0x800 ? 2 : one < 0x10000 ? 3 : 4)
                .sum();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new Unfit(otherwise);
        }
    }

    private static void require(boolean holds, String otherwise, String field) {
        if (!holds) {
            throw new Unfit(otherwise.formatted(field));
        }
    }
}
