package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.generate.RadiusPlan;
import io.narwhal.generate.RadiusSource;
import io.narwhal.generate.RadiusSource.Progress;
import io.narwhal.generate.RadiusTruth;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** {@code narwhal generate --protocols radius}. */
final class GenerateRadius {
    private static final double NANOS = 1e9;
    private static final int CHUNK_CHARS = 1 << 20;

    private final CommandLine command;
    private final RadiusPlan plan;
    private final @Nullable Path truthFile;
    private final GenerateCommand.Format format;

    GenerateRadius(
            CommandLine command,
            RadiusPlan plan,
            @Nullable Path truthFile,
            GenerateCommand.Format format) {
        this.command = command;
        this.plan = plan;
        this.truthFile = truthFile;
        this.format = format;
    }

    /** Reports all sessions; the exit code. */
    int call(byte[] secret, Clock clock) {
        try (var source = RadiusSource.open(plan, secret, clock);
                var _ = new StopOnSignal(source::stop)) {
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            RadiusTruth truth = source.run(this::progress);
            long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
            if (truthFile != null) {
                write(truth, truthFile);
            }
            summary(truth, cpu / NANOS);
            return ExitCode.OK;
        }
    }

    private void progress(Progress progress) {
        PrintWriter err = command.getErr();
        err.printf(
                Locale.ROOT,
                "%,d requests, %,d answers, %,d sent again unanswered, %d out, %.1f s, %,d"
                        + " answers/s%n",
                progress.requests(),
                progress.answered(),
                progress.retransmitted(),
                progress.waiting(),
                progress.elapsedNanos() / NANOS,
                progress.answersPerSecond());
        err.flush();
    }

    /** In pieces, as millions of sessions are more than one text holds. */
    private static void write(RadiusTruth truth, Path path) {
        try (DiskFile file = Disk.system().open(path, Disk.Mode.REPLACE)) {
            var out = new Chunks(file);
            truth.writeJson(out);
            out.flush();
        }
    }

    private static final class Chunks implements Appendable {
        private final StringBuilder text = new StringBuilder();
        private final DiskFile file;
        private long at;

        Chunks(DiskFile file) {
            this.file = file;
        }

        void flush() {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text.toString());
            long length = bytes.remaining();
            file.write(bytes, at);
            at += length;
            text.setLength(0);
        }

        @Override
        public Appendable append(CharSequence more) {
            text.append(more);
            if (text.length() >= CHUNK_CHARS) {
                flush();
            }
            return this;
        }

        @Override
        public Appendable append(CharSequence more, int from, int to) {
            return append(more.subSequence(from, to));
        }

        @Override
        public Appendable append(char one) {
            return append(String.valueOf(one));
        }
    }

    private void summary(RadiusTruth truth, double cpuSeconds) {
        PrintWriter out = command.getOut();
        double seconds = truth.elapsedNanos() / NANOS;
        switch (format) {
            case table -> table(out, truth, seconds, cpuSeconds);
            case json ->
                    out.printf(
                            Locale.ROOT,
                            "{%n  \"seconds\": %.3f,%n  \"cpu_seconds\": %.3f,%n  %s%n}%n",
                            seconds,
                            cpuSeconds,
                            truth.jsonMembers());
        }
        out.flush();
    }

    private static void table(
            PrintWriter out, RadiusTruth truth, double seconds, double cpuSeconds) {
        RadiusTruth.Totals t = truth.totals();
        String row = "%-12s %12s %12s %12s%n";
        out.printf(row, "", "SENT", "ANSWERED", "OPEN");
        out.printf(row, "requests", t.requests(), t.answered(), t.requests() - t.answered());
        out.printf(
                row,
                "duplicates",
                t.duplicates(),
                t.answeredDuplicates(),
                t.duplicates() - t.answeredDuplicates());
        out.printf(
                Locale.ROOT,
                "%,d sessions; %,d datagrams sent again unanswered, %,d not taken by the system;"
                        + " %,d requests given up; %,d late answers, %,d false ones%n",
                t.sessions(),
                t.retransmitted(),
                t.notTaken(),
                t.givenUp(),
                t.lateAnswers(),
                t.falseAnswers());
        RadiusTruth.Latency l = truth.latency();
        out.printf(
                Locale.ROOT,
                "%.1f s, %,d answers/s, %.2f s CPU; answered in %,d us (half of them), %,d (90 %%),"
                        + " %,d (99 %%), %,d at the most%n",
                seconds,
                truth.answersPerSecond(),
                cpuSeconds,
                l.p50(),
                l.p90(),
                l.p99(),
                l.max());
    }
}
