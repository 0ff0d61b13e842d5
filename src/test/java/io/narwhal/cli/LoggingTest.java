package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.ServiceLoader;

final class LoggingTest {
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

    @Test
    void anEventIsOneLineWithTimeLevelRoomAndMessage() {
        LoggerContext context = configure(Map.of());

        context.getLogger("io.narwhal.journal.Segment").info("rolled to {}\nor not", 17);
        context.getLogger("io.narwhal.journal.Segment").debug("not shown");
        context.getLogger("org.other.Library").warn("hm");

        assertThat(lines()[0])
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO journal rolled to"
                                + " 17\\?or not");
        assertThat(lines()[1]).endsWith("Z WARN org.other.Library hm");
        assertThat(lines()).hasSize(2);
    }

    @Test
    void aFailureIsOnTheLineWithItsPlaceAndItsTraceOnlyWhenAskedFor() {
        var failure = new IOException("disk is gone");

        configure(Map.of()).getLogger("io.narwhal.node.Node").error("cannot start", failure);
        assertThat(lines()).hasSize(1);
        assertThat(lines()[0])
                .contains(
                        "ERROR node cannot start: disk is gone (java.io.IOException at"
                                + " LoggingTest.java:");

        configure(Map.of("NARWHAL_TRACE", "1"))
                .getLogger("io.narwhal.node.Node")
                .error("cannot start", failure);
        assertThat(lines()).hasSizeGreaterThan(3);
    }

    @Test
    void theLevelComesFromTheEnvironmentAndAWrongOneIsSaid() {
        configure(Map.of("NARWHAL_LOG", "debug")).getLogger("io.narwhal.cli.X").debug("shown");
        configure(Map.of("NARWHAL_LOG", "OFF")).getLogger("io.narwhal.cli.X").error("hidden");
        configure(Map.of("NARWHAL_LOG", "loud")).getLogger("io.narwhal.cli.X").debug("hidden");

        assertThat(lines()).hasSize(2);
        assertThat(lines()[0]).endsWith("DEBUG cli shown");
        assertThat(lines()[1]).contains("WARN cli NARWHAL_LOG=loud is not TRACE");
    }

    @Test
    void logbackFindsIt() {
        assertThat(ServiceLoader.load(Configurator.class))
                .hasAtLeastOneElementOfType(Logging.class);
    }

    private LoggerContext configure(Map<String, String> environment) {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        var logging = new Logging(environment, stream);
        logging.setContext(context);
        logging.configure(context);
        return context;
    }

    private String[] lines() {
        return stream.toString(StandardCharsets.UTF_8).split("\n");
    }
}
