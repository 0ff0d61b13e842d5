package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Source;
import io.narwhal.record.Transport;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.List;

/**
 * All that is known of one (source address, source port, way, version, domain). Of sFlow the key
 * has the agent's address in place of the source port: agents may change ports at will.
 */
final class Scope {
    /** The one order in which scopes are written and reported. */
    static final Comparator<Scope> ORDER =
            Comparator.<Scope>comparingLong(s -> s.high ^ Long.MIN_VALUE)
                    .thenComparingLong(s -> s.low ^ Long.MIN_VALUE)
                    .thenComparingInt(s -> s.port)
                    .thenComparingInt(s -> s.listen)
                    .thenComparing(s -> s.transport)
                    .thenComparing(s -> s.protocol)
                    .thenComparingLong(s -> s.domain)
                    .thenComparingInt(s -> s.path)
                    .thenComparing(s -> s.sflow, Comparator.nullsFirst(SflowAgent.ORDER));

    /** How long a datagram may have been under way when we reckon when its exporter started. */
    private static final int TOLERANCE_MS = 2000;

    /**
     * What the configuration says about exporters.
     *
     * @param totalFlows flows whose last totals are kept
     * @param samplingRules of all exporters
     * @param sharedTotals of exporters that come by other paths than this host's own
     */
    record Terms(
            int totalFlows,
            List<SamplingRule> samplingRules,
            StateRoom room,
            SharedTotals sharedTotals) {
        Terms(int totalFlows, List<SamplingRule> samplingRules, StateRoom room) {
            this(totalFlows, samplingRules, room, new SharedTotals(totalFlows, room));
        }
    }

    final long high;
    final long low;
    final int port;
    final int listen;
    final Transport transport;
    final FlowProtocol protocol;
    final long domain;

    /** See {@link Source#path}. */
    final int path;

    /** Null unless it speaks sFlow. */
    final @Nullable SflowAgent sflow;

    final Templates templates = new Templates();
    final Rates rates;
    final Sequence sequence;
    final Totals totals;
    final Recent recent = new Recent();
    final Declared declared = new Declared();

    final Waiting held = new Waiting();

    /** The configured rates that concern this exporter. */
    final SamplingRule[] samplingRules;

    /** The exporters that were heard of next before and next after this one. */
    @Nullable Scope older;

    @Nullable Scope newer;

    /** Number of its newest datagram among all that the decoder looked at. */
    long heardAt;

    long datagrams;
    long duplicates;

    /** Datagrams that another path had supplied. */
    long copies;

    /** What is remembered of its exporter, to know copies; no part of the state. */
    Copies.@Nullable Exporter remembered;

    long records;
    long optionsRecords;
    long templateRecords;
    long lastArrivalMs;

    /** Records whose times could not be right; see {@link Plausibility}. */
    long clampedTimes;

    /** Export less arrival of the newest datagram, and where it was farthest from 0; ms. */
    private long skewMs;

    private long skewMaxMs;

    /** When the exporter started, as options records told (IE 160); 0 unknown. */
    private long initMs;

    /** What it told of its own words; only where records are shown, and no part of the state. */
    @Nullable Vocabulary vocabulary;

    private ColumnOp.@Nullable Context context;
    private boolean clockKnown;
    private int uptimeMs;
    private long uptimeArrivalMs;

    Scope(Source source, Header header, Terms terms) {
        this(
                source,
                header.protocol,
                header.domain,
                header.protocol == FlowProtocol.SFLOW
                        ? new SflowAgent(header.agentHigh, header.agentLow, terms.room())
                        : null,
                terms);
    }

    private Scope(
            Source source,
            FlowProtocol protocol,
            long domain,
            @Nullable SflowAgent sflow,
            Terms terms) {
        this.high = source.high();
        this.low = source.low();
        this.port = port(source, protocol);
        this.sflow = sflow;
        this.listen = source.listen();
        this.transport = source.transport();
        this.protocol = protocol;
        this.domain = domain;
        this.path = source.path();
        this.sequence = new Sequence(protocol);
        this.totals =
                path == 0
                        ? new Totals(terms.totalFlows(), terms.room())
                        : terms.sharedTotals().of(high, low, protocol, domain);
        this.rates = new Rates(terms.room());
        this.samplingRules = SamplingRule.of(terms.samplingRules(), high, low);
    }

    /** The source port, where it is part of the key. */
    static int port(Source source, FlowProtocol protocol) {
        return protocol == FlowProtocol.SFLOW ? 0 : source.port();
    }

    boolean is(Source source, Header header) {
        return source.low() == low
                && port(source, header.protocol) == port
                && header.domain == domain
                && header.protocol == protocol
                && source.high() == high
                && source.listen() == listen
                && source.transport() == transport
                && source.path() == path
                && (sflow == null || sflow.is(header));
    }

    /** The agent of a scope of sFlow. */
    SflowAgent agent() {
        SflowAgent agent = sflow;
        if (agent == null) {
            throw new AssertionError("a scope of " + protocol + " has no agent");
        }
        return agent;
    }

    /**
     * Whether this header tells that the exporter started anew: its uptime went back, and it
     * started after the newest datagram before, by our clock; the exporter's may be wrong after a
     * start. A late datagram, a wrap of the uptime, and line cards that disagree about it are told
     * apart by that.
     */
    boolean isRestart(Header header) {
        if (!clockKnown || protocol == FlowProtocol.IPFIX || header.uptimeMs - uptimeMs >= 0) {
            return false;
        }
        long startedMs = header.arrivalMs - Integer.toUnsignedLong(header.uptimeMs);
        return startedMs >= uptimeArrivalMs - TOLERANCE_MS;
    }

    /** Takes this header's clock as the newest. */
    void clock(Header header) {
        if (!clockKnown || header.uptimeMs - uptimeMs >= 0) {
            clockKnown = true;
            uptimeMs = header.uptimeMs;
            uptimeArrivalMs = header.arrivalMs;
        }
    }

    /** Measures the exporter's clock by ours. */
    void measure(Header header) {
        skewMs = header.exportMs - header.arrivalMs;
        skewMaxMs = Math.abs(skewMs) > Math.abs(skewMaxMs) ? skewMs : skewMaxMs;
    }

    long initMs() {
        return initMs;
    }

    /** Reads the start of the exporter (IE 160) out of options records, if they tell it. */
    void readInitTime(Template options, byte[] bytes, int from, int to, int records) {
        int field = options.field(Element.SYSTEM_INIT_TIME_MILLISECONDS);
        if (field < 0 || records == 0) {
            return;
        }
        int[] places = new int[options.lengths.length];
        int[] widths = new int[options.lengths.length];
        int at = from;
        for (int i = 0; i < records; i++) {
            at = options.walk(bytes, at, to, places, widths);
        }
        initMs = Wire.number(bytes, places[field], widths[field]);
    }

    /** This scope with that header; kept, so that a datagram allocates none. */
    ColumnOp.Context with(Header header) {
        ColumnOp.Context made = context;
        if (made == null || made.header != header) {
            made = new ColumnOp.Context(header, this);
            context = made;
        }
        return made;
    }

    /** What came is about to come once more, and is neither a duplicate nor a restart. */
    void readAgain() {
        held.clear();
        totals.clear(); // of several paths, again for each
        recent.clear();
        sequence.readAgain();
    }

    /**
     * Forgets what ended with the exporter's restart.
     *
     * @param exportMs time of the message that told of it
     */
    void restart(long exportMs) {
        sequence.restart();
        clockKnown = false;
        templates.clear();
        rates.clear();
        totals.restart(exportMs);
        initMs = 0;
        if (sflow != null) {
            sflow.sources.restart();
        }
        vocabulary = null;
    }

    /** Whether messages can come twice, and be told from others that look alike. */
    boolean mayBeDoubled() {
        return !transport.isSession() && sequence.tellsDuplicates();
    }

    /** Units that came. */
    private long received() {
        return switch (sequence.unit()) {
            case RECORDS, RECORDS_OWN -> records + optionsRecords;
            case FLOWS, FLOWS_OWN -> records;
            case RECORDS_AND_TEMPLATES, RECORDS_AND_TEMPLATES_OWN ->
                    records + optionsRecords + templateRecords;
            case DATAGRAMS -> datagrams;
            case NONE ->
                    switch (protocol.unit()) {
                        case NONE -> 0;
                        case FLOWS -> records;
                        case DATAGRAMS -> datagrams;
                        case RECORDS -> records + optionsRecords;
                    };
        };
    }

    /** Whether it is of the session that this source names. */
    boolean isOf(Source source) {
        return source.low() == low
                && source.high() == high
                && source.port() == port
                && source.listen() == listen
                && source.transport() == transport
                && source.path() == path;
    }

    /** About what its exporter made it remember, but for what any exporter may have. */
    long stateBytes() {
        long sources = sflow == null ? 0 : sflow.sources.stateBytes();
        return templates.stateBytes() + totals.stateBytes() + rates.stateBytes() + sources;
    }

    ExporterReport report() {
        return new ExporterReport(
                high,
                low,
                Addresses.text(high, low),
                port,
                listen,
                transport,
                protocol,
                domain,
                received(),
                sequence.missing(),
                datagrams,
                records,
                optionsRecords,
                templates.size(),
                templateRecords,
                sequence.resets(),
                rates.known() || (sflow != null && sflow.sources.rateKnown()),
                held.size(),
                lastArrivalMs,
                totals.size(),
                totals.forgotten(),
                clampedTimes,
                skewMs,
                skewMaxMs,
                sflow == null ? null : sflow.report(),
                duplicates,
                sequence.unit(),
                sequence.firstMissingMs(),
                sequence.lastMissingMs(),
                sequence.gaps(),
                declared.report(),
                0,
                path,
                copies);
    }

    void snapshot(StateWriter out) {
        out.putLong(high).putLong(low).putInt(port).putByte(listen).putByte(transport.code());
        out.putByte(protocol.code()).putLong(domain).putInt(path);
        if (sflow != null) {
            sflow.snapshot(out);
        }
        out.putLong(datagrams).putLong(records).putLong(optionsRecords).putLong(templateRecords);
        out.putLong(heardAt)
                .putLong(duplicates)
                .putLong(copies)
                .putLong(lastArrivalMs)
                .putBoolean(clockKnown)
                .putInt(uptimeMs)
                .putLong(uptimeArrivalMs);
        sequence.snapshot(out);
        recent.snapshot(out);
        declared.snapshot(out);
        templates.snapshot(out);
        rates.snapshot(out);
        if (path == 0) {
            totals.snapshot(out);
        }
        out.putLong(clampedTimes).putLong(skewMs).putLong(skewMaxMs).putLong(initMs);
        held.snapshot(out);
    }

    static Scope restore(StateReader in, Terms terms, boolean knowsPaths) {
        var source = new Source();
        source.set(
                in.getLong(),
                in.getLong(),
                in.getInt(),
                in.getByte() & 0xff,
                transport(in.getByte()));
        FlowProtocol protocol = protocol(in.getByte());
        long domain = in.getLong();
        source.setPath(knowsPaths ? in.getInt() : 0);
        SflowAgent sflow =
                protocol == FlowProtocol.SFLOW ? SflowAgent.restore(in, terms.room()) : null;
        var scope = new Scope(source, protocol, domain, sflow, terms);
        scope.datagrams = in.getLong();
        scope.records = in.getLong();
        scope.optionsRecords = in.getLong();
        scope.templateRecords = in.getLong();
        scope.heardAt = in.getLong();
        scope.duplicates = in.getLong();
        scope.copies = knowsPaths ? in.getLong() : 0;
        scope.lastArrivalMs = in.getLong();
        scope.clockKnown = in.getBoolean();
        scope.uptimeMs = in.getInt();
        scope.uptimeArrivalMs = in.getLong();
        scope.sequence.restore(in);
        scope.recent.restore(in);
        scope.declared.restore(in);
        scope.templates.restore(in, protocol);
        scope.rates.restore(in);
        if (scope.path == 0) {
            scope.totals.restore(in);
        }
        scope.clampedTimes = in.getLong();
        scope.skewMs = in.getLong();
        scope.skewMaxMs = in.getLong();
        scope.initMs = in.getLong();
        scope.held.restore(in, knowsPaths);
        return scope;
    }

    static Transport transport(int code) {
        if (!Transport.isCode(code)) {
            throw new StateReader.Malformed(
                    "an exporter by transport " + code + " is of a later release");
        }
        return Transport.of(code);
    }

    /** The protocol of that code. */
    static FlowProtocol protocol(int code) {
        for (FlowProtocol protocol : FlowProtocol.values()) {
            if (protocol.code() == code) {
                return protocol;
            }
        }
        throw new StateReader.Malformed(
                "an exporter of version " + code + " is of a later release");
    }
}
