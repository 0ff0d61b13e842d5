package io.narwhal.component;

import io.narwhal.base.DiskFailure;
import io.narwhal.base.NetFailure;
import io.narwhal.base.StreamSocket;
import io.narwhal.base.Tls;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.TlsConfig;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Makes connections speak TLS with what the files say now: certificates are renewed while the
 * program runs. Files that cannot be used (half written, or of different pairs) change nothing.
 */
final class TlsIdentity implements UnaryOperator<StreamSocket> {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);
    private static final long LOOK_NANOS = 10_000_000_000L;

    private final Environment environment;
    private final String collector;
    private final TlsConfig config;
    private Tls tls;
    private long readNanos;
    private String complaint = "";

    private TlsIdentity(Environment environment, String collector, TlsConfig config, Tls tls) {
        this.environment = environment;
        this.collector = collector;
        this.config = config;
        this.tls = tls;
        this.readNanos = environment.clock().monotonicNanos();
    }

    /**
     * With the files as they are.
     *
     * @throws NetFailure when they cannot be used
     */
    static TlsIdentity of(Environment environment, CollectorConfig config) {
        TlsConfig files = Objects.requireNonNull(config.tls(), "transport: tls has its files");
        return switch (files.read(environment.disk())) {
            case Tls.Read.Good(Tls tls) -> new TlsIdentity(environment, config.name(), files, tls);
            case Tls.Read.Bad(Tls.Part part, String reason) ->
                    throw new NetFailure(describe(config.name(), part, reason));
        };
    }

    private static String describe(String collector, Tls.Part part, String reason) {
        String key = part.name().toLowerCase(Locale.ROOT);
        return "collectors." + collector + ".tls: the file of '" + key + "' " + reason;
    }

    @Override
    public StreamSocket apply(StreamSocket accepted) {
        long now = environment.clock().monotonicNanos();
        if (now - readNanos > LOOK_NANOS) {
            readNanos = now;
            readAgain();
        }
        return tls.over(accepted, config.requireClient());
    }

    private void readAgain() {
        String before = complaint;
        try {
            switch (config.read(environment.disk())) {
                case Tls.Read.Good(Tls read) -> {
                    tls = read;
                    complaint = "";
                }
                case Tls.Read.Bad(Tls.Part part, String reason) ->
                        complaint = describe(collector, part, reason);
            }
        } catch (DiskFailure e) {
            complaint = String.valueOf(e.getMessage());
        }
        if (!complaint.isEmpty() && !complaint.equals(before)) {
            LOG.warn("{}; going on with the certificates of before", complaint);
        }
    }
}
