package io.narwhal.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Through real sockets, at a rate that any machine carries. */
class LoopbackTrafficTest {
    private static final long RECORDS = 3_000 * 24;

    @Test
    void whatIsSentArrivesFromTheAddressOfItsExporter() throws Exception {
        assertArrives("127.0.0.1");
    }

    @Test
    void overIpv6EachExporterHasAPortOfItsOwn() throws Exception {
        assertArrives("::1");
    }

    private static void assertArrives(String address) throws Exception {
        try (DatagramChannel receiver = DatagramChannel.open();
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            receiver.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
            receiver.bind(new InetSocketAddress(address, 0));
            TrafficPlan plan =
                    TrafficPlan.to((InetSocketAddress) receiver.getLocalAddress())
                            .records(RECORDS)
                            .recordsPerSecond(200_000)
                            .startMs(1_767_225_600_000L)
                            .build();
            Future<Map<InetSocketAddress, DatagramReader>> received =
                    threads.submit(() -> receive(receiver));
            try (TrafficSource source = TrafficSource.open(plan, Clock.system())) {
                Truth truth = source.run(_ -> {});
                Map<InetSocketAddress, DatagramReader> readers = received.get();
                assertThat(readers).hasSize(3);
                for (Truth.Exporter exporter : truth.exporters()) {
                    DatagramReader reader =
                            readers.get(new InetSocketAddress(exporter.address(), exporter.port()));
                    assertThat(reader.records).hasSize((int) exporter.records());
                    assertThat((int) reader.domain).isEqualTo(exporter.domain());
                    assertThat(reader.records.stream().mapToLong(r -> r.number(1)).sum())
                            .isEqualTo(exporter.octets());
                }
            }
        }
    }

    private static Map<InetSocketAddress, DatagramReader> receive(DatagramChannel receiver) {
        Map<InetSocketAddress, DatagramReader> readers =
                new TreeMap<>(java.util.Comparator.comparing(InetSocketAddress::toString));
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        try {
            for (long records = 0; records < RECORDS; ) {
                InetSocketAddress from = (InetSocketAddress) receiver.receive(buffer.clear());
                byte[] datagram = new byte[buffer.flip().remaining()];
                buffer.get(datagram);
                DatagramReader reader = readers.computeIfAbsent(from, _ -> new DatagramReader());
                reader.read(datagram);
                records += reader.recordCounts.getLast();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return readers;
    }
}
