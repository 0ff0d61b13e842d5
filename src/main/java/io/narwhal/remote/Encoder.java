package io.narwhal.remote;

import com.google.protobuf.UnsafeByteOperations;

import io.narwhal.base.Check;
import io.narwhal.remote.v1.AccountingData;
import io.narwhal.remote.v1.Acknowledge;
import io.narwhal.remote.v1.Close;
import io.narwhal.remote.v1.EndOfData;
import io.narwhal.remote.v1.Gap;
import io.narwhal.remote.v1.Hello;
import io.narwhal.remote.v1.Open;
import io.narwhal.remote.v1.Opened;
import io.narwhal.remote.v1.ProvideAccountingData;
import io.narwhal.remote.v1.PullRequest;
import io.narwhal.remote.v1.Resolve;
import io.narwhal.remote.v1.Resolved;
import io.narwhal.remote.v1.SetThresholds;
import io.narwhal.remote.v1.Status;
import io.narwhal.remote.v1.ThresholdsResult;
import io.narwhal.transfer.Code;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Resumption;
import io.narwhal.transfer.Saved;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Thresholds;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Messages to their wire form. What is said to people is cut at its limit; names must keep to it.
 */
final class Encoder {
    private static final int REPLACEMENT_BYTES = 3;
    private static final int LINEAGE_MIN = 64;

    private Encoder() {}

    static io.narwhal.remote.v1.FromAgent encode(FromAgent message) {
        var wire = io.narwhal.remote.v1.FromAgent.newBuilder();
        switch (message) {
            case FromAgent.Hello hello -> wire.setHello(hello(hello));
            case FromAgent.Opened opened -> wire.setOpened(opened(opened));
            case FromAgent.ThresholdsResult result ->
                    wire.setThresholdsResult(
                            ThresholdsResult.newBuilder()
                                    .setPolicyVersion(result.policyVersion())
                                    .setAccepted(result.accepted())
                                    .setWhy(text(result.why())));
            case FromAgent.PullRequest request -> wire.setPullRequest(pullRequest(request));
            case FromAgent.AccountingData data -> wire.setAccountingData(data(data));
            case FromAgent.EndOfData end ->
                    wire.setEndOfData(
                            EndOfData.newBuilder()
                                    .setPull(end.pull())
                                    .setLastTxn(end.lastTxn())
                                    .setRemaining(occupancy(end.remaining()))
                                    .setStandby(end.standby()));
            case FromAgent.Resolve resolve ->
                    wire.setResolve(
                            Resolve.newBuilder()
                                    .setStream(id(resolve.stream()))
                                    .setEpoch(resolve.epoch())
                                    .setFrom(resolve.from())
                                    .setThrough(resolve.through())
                                    .setDuplicate(resolve.duplicate()));
            case FromAgent.Status status ->
                    wire.setStatus(Status.newBuilder().setHeld(occupancy(status.held())));
            case FromAgent.Trouble(Code code, String detail, long retryAfterMs) ->
                    wire.setError(trouble(code, detail, retryAfterMs));
            case FromAgent.Close(String reason) -> wire.setClose(close(reason));
        }
        return wire.build();
    }

    private static Hello hello(FromAgent.Hello hello) {
        count(hello.streams());
        var wire =
                Hello.newBuilder()
                        .setAgent(name(hello.agent()))
                        .setVersion(hello.version())
                        .setCapacityBytes(hello.capacityBytes())
                        .setLastTxn(hello.lastTxn())
                        .setConfigId(name(hello.configId()));
        int each = lineageOfEach(hello.streams().size());
        hello.streams().forEach(stream -> wire.addStreams(stream(stream, each)));
        return wire.build();
    }

    private static void count(List<?> streams) {
        Check.that(streams.size() <= Bounds.STREAMS_MAX, "at most %s streams", Bounds.STREAMS_MAX);
    }

    private static int lineageOfEach(int streams) {
        return Math.clamp(
                Bounds.LINEAGES_MAX / Math.max(1, streams), LINEAGE_MIN, Bounds.LINEAGE_MAX);
    }

    private static io.narwhal.remote.v1.Stream stream(Stream stream, int lineageMax) {
        return io.narwhal.remote.v1.Stream.newBuilder()
                .setId(id(stream.id()))
                .setEpoch(stream.epoch())
                .addAllLineage(lineage(stream.lineage(), lineageMax))
                .setFirst(stream.first())
                .setEnd(stream.end())
                .build();
    }

    /** The newest of them. */
    private static List<io.narwhal.remote.v1.Incarnation> lineage(
            List<Incarnation> lineage, int max) {
        return lineage.subList(Math.max(0, lineage.size() - max), lineage.size()).stream()
                .map(
                        one ->
                                io.narwhal.remote.v1.Incarnation.newBuilder()
                                        .setId(one.id())
                                        .setFirst(one.first())
                                        .build())
                .toList();
    }

    private static Opened opened(FromAgent.Opened opened) {
        count(opened.streams());
        var wire = Opened.newBuilder();
        opened.streams().forEach(one -> wire.addStreams(resumption(one)));
        return wire.build();
    }

    private static io.narwhal.remote.v1.Resumption resumption(Resumption one) {
        return io.narwhal.remote.v1.Resumption.newBuilder()
                .setId(id(one.id()))
                .setEpoch(one.epoch())
                .setFrom(one.from())
                .setVerdict(io.narwhal.remote.v1.Verdict.valueOf(one.verdict().name()))
                .setLostFrom(one.lostFrom())
                .setLostTo(one.lostTo())
                .setDetail(text(one.detail()))
                .build();
    }

    private static PullRequest pullRequest(FromAgent.PullRequest request) {
        var wire =
                PullRequest.newBuilder()
                        .setHeld(occupancy(request.held()))
                        .setDetail(text(request.detail()));
        request.reasons().stream()
                .sorted()
                .forEach(
                        reason ->
                                wire.addReasons(
                                        io.narwhal.remote.v1.Reason.valueOf(reason.name())));
        return wire.build();
    }

    private static AccountingData data(FromAgent.AccountingData data) {
        var wire =
                AccountingData.newBuilder()
                        .setTxn(data.txn())
                        .setStream(id(data.stream()))
                        .setEpoch(data.epoch())
                        .setIncarnation(data.incarnation())
                        .setFrom(data.from())
                        .setThrough(data.through())
                        .setFirstSequence(data.firstSequence())
                        .setLastSequence(data.lastSequence())
                        .setItems(data.items())
                        .setRecords(data.records())
                        .setResent(data.resent())
                        .setPossibleDuplicateOf(name(data.possibleDuplicateOf()))
                        .setFrames(UnsafeByteOperations.unsafeWrap(data.frames()))
                        .setDigest(data.digest());
        if (!data.gap().isEmpty()) {
            wire.setGap(Gap.newBuilder().setReason(text(data.gap())));
        }
        return wire.build();
    }

    static io.narwhal.remote.v1.FromManager encode(FromManager message) {
        var wire = io.narwhal.remote.v1.FromManager.newBuilder();
        switch (message) {
            case FromManager.Open open -> wire.setOpen(open(open));
            case FromManager.SetThresholds(long version, Thresholds thresholds) ->
                    wire.setSetThresholds(thresholds(version, thresholds));
            case FromManager.ProvideAccountingData pull ->
                    wire.setProvideAccountingData(
                            ProvideAccountingData.newBuilder()
                                    .setPull(pull.pull())
                                    .setMaxRecords(pull.maxRecords())
                                    .setMaxBytes(pull.maxBytes()));
            case FromManager.Acknowledge(long txn, long digest) ->
                    wire.setAcknowledge(Acknowledge.newBuilder().setTxn(txn).setDigest(digest));
            case FromManager.Resolved resolved ->
                    wire.setResolved(
                            Resolved.newBuilder()
                                    .setStream(id(resolved.stream()))
                                    .setEpoch(resolved.epoch())
                                    .setFrom(resolved.from())
                                    .setThrough(resolved.through()));
            case FromManager.Status() -> wire.setStatus(Status.getDefaultInstance());
            case FromManager.Trouble(Code code, String detail, long retryAfterMs) ->
                    wire.setError(trouble(code, detail, retryAfterMs));
            case FromManager.Close(String reason) -> wire.setClose(close(reason));
        }
        return wire.build();
    }

    private static Open open(FromManager.Open open) {
        count(open.saved());
        var wire =
                Open.newBuilder()
                        .setManager(name(open.manager()))
                        .setVersion(open.version())
                        .setInstance(name(open.instance()))
                        .setJournal(journal(open.journal()))
                        .setLastTxn(open.lastTxn());
        int each = lineageOfEach(open.saved().size());
        open.saved().forEach(one -> wire.addSaved(saved(one, each)));
        return wire.build();
    }

    private static io.narwhal.remote.v1.Saved saved(Saved saved, int lineageMax) {
        return io.narwhal.remote.v1.Saved.newBuilder()
                .setStream(id(saved.id()))
                .setEpoch(saved.epoch())
                .setThrough(saved.through())
                .addAllLineage(lineage(saved.lineage(), lineageMax))
                .build();
    }

    private static SetThresholds thresholds(long version, Thresholds thresholds) {
        return SetThresholds.newBuilder()
                .setPolicyVersion(version)
                .setApproachPercent(thresholds.approachPercent())
                .setClearPercent(thresholds.clearPercent())
                .setRecords(thresholds.records())
                .setAgeMs(thresholds.ageMs())
                .setNotifyRetryMs(thresholds.notifyRetryMs())
                .build();
    }

    private static io.narwhal.remote.v1.Error trouble(Code code, String detail, long retryAfterMs) {
        return io.narwhal.remote.v1.Error.newBuilder()
                .setCode(io.narwhal.remote.v1.Code.valueOf(code.name()))
                .setDetail(text(detail))
                .setRetryAfterMs(retryAfterMs)
                .build();
    }

    private static Close close(String reason) {
        return Close.newBuilder().setReason(text(reason)).build();
    }

    private static io.narwhal.remote.v1.StreamId id(StreamId id) {
        return io.narwhal.remote.v1.StreamId.newBuilder()
                .setJournal(journal(id.journal()))
                .setName(name(id.name()))
                .build();
    }

    private static io.narwhal.remote.v1.Journal journal(Journal journal) {
        return switch (journal) {
            case RECEIVED -> io.narwhal.remote.v1.Journal.RECEIVED;
            case USAGE -> io.narwhal.remote.v1.Journal.USAGE;
        };
    }

    private static io.narwhal.remote.v1.Occupancy occupancy(Occupancy held) {
        return io.narwhal.remote.v1.Occupancy.newBuilder()
                .setRecords(held.records())
                .setBytes(held.bytes())
                .setOldestMicros(held.oldestMicros())
                .setFillPercent(held.fillPercent())
                .build();
    }

    private static String name(String name) {
        Check.that(
                name.getBytes(StandardCharsets.UTF_8).length <= Bounds.NAME_BYTES_MAX,
                "a name has at most %s octets",
                Bounds.NAME_BYTES_MAX);
        return name;
    }

    private static String text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return utf8.length <= Bounds.TEXT_BYTES_MAX
                ? text
                : new String(
                        utf8, 0, Bounds.TEXT_BYTES_MAX - REPLACEMENT_BYTES, StandardCharsets.UTF_8);
    }
}
