package io.narwhal.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * Log lines on standard error: time, level, room, message, one line an event. The environment
 * variable {@code NARWHAL_LOG} sets the level; {@code NARWHAL_TRACE=1} adds stack traces.
 *
 * <p>Configured in code, as parsing a configuration file would take half of the start-up time.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
    private final Map<String, String> environment;
    private final OutputStream stream;

    /** For logback's service loader. */
    public Logging() {
        this(System.getenv(), new FileOutputStream(FileDescriptor.err));
    }

    Logging(Map<String, String> environment, OutputStream stream) {
        this.environment = environment;
        this.stream = stream;
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        boolean isTraced = "1".equals(environment.get("NARWHAL_TRACE"));
        var line = start(context, new Line(isTraced));
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(line);
        encoder.start();
        var appender = new OutputStreamAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder);
        appender.setOutputStream(stream);
        appender.start();

        String wanted = environment.getOrDefault("NARWHAL_LOG", "INFO");
        Level level = Level.toLevel(wanted, null);
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level == null ? Level.INFO : level);
        root.addAppender(appender);
        if (level == null) {
            context.getLogger(Logging.class)
                    .warn(
                            "NARWHAL_LOG={} is not TRACE, DEBUG, INFO, WARN, ERROR or OFF; using"
                                    + " INFO",
                            wanted);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static Line start(LoggerContext context, Line line) {
        line.setContext(context);
        line.start();
        return line;
    }

    /** One event. */
    private static final class Line extends LayoutBase<ILoggingEvent> {
        private static final String OURS = "io.narwhal.";
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
                        .withZone(ZoneOffset.UTC);

        private final boolean isTraced;

        Line(boolean isTraced) {
            this.isTraced = isTraced;
        }

        @Override
        public String doLayout(ILoggingEvent event) {
            var line = new StringBuilder(120);
            TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
            line.append(' ').append(event.getLevel());
            line.append(' ').append(room(event.getLoggerName()));
            line.append(' ').append(Table.printable(event.getFormattedMessage()));
            IThrowableProxy failure = event.getThrowableProxy();
            if (failure != null) {
                line.append(": ").append(Table.printable(String.valueOf(failure.getMessage())));
                line.append(" (").append(failure.getClassName()).append(place(failure)).append(')');
            }
            line.append('\n');
            return failure != null && isTraced
                    ? line + ThrowableProxyUtil.asString(failure)
                    : line.toString();
        }

        /** The room of ours that a logger belongs to; the whole name for others. */
        private static String room(String logger) {
            if (!logger.startsWith(OURS)) {
                return logger;
            }
            int end = logger.indexOf('.', OURS.length());
            return logger.substring(OURS.length(), end < 0 ? logger.length() : end);
        }

        /** Where in our code it happened, which is mostly enough to find it. */
        private static String place(IThrowableProxy failure) {
            for (var frame : failure.getStackTraceElementProxyArray()) {
                StackTraceElement at = frame.getStackTraceElement();
                if (at.getClassName().startsWith(OURS)) {
                    return " at " + at.getFileName() + ":" + at.getLineNumber();
                }
            }
            return "";
        }
    }
}
