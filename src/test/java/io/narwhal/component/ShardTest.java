package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;

/** Which datagrams meet in one shard. */
class ShardTest {
    private static Set<Integer> shards(String payload) {
        byte[] bytes = HexFormat.of().parseHex(payload);
        Set<Integer> shards = new TreeSet<>();
        for (int port = 2000; port < 2100; port++) {
            int length = ReceivedBlock.DATAGRAM_HEADER_BYTES + bytes.length;
            ByteBuffer block = ByteBuffer.allocate(56 + length);
            new ReceivedBlock.Header(
                            ReceivedBlock.Kind.DATAGRAMS,
                            0,
                            0,
                            Transport.UDP,
                            1,
                            1_000,
                            1,
                            1,
                            0,
                            1,
                            bytes.length)
                    .write(block);
            ReceivedBlock.writeDatagramHeader(
                    block, bytes.length, port, 0, Addresses.ofIpv4(0xc0000201));
            block.put(bytes);
            var received = new ReceivedBlock();
            received.read(block.array(), 0, block.capacity());
            assertThat(received.next()).isTrue();
            shards.add(Shard.of(received));
        }
        return shards;
    }

    @Test
    void r34AnSflowAgentMeetsInOneShardWhateverPortItSendsFrom() {
        assertThat(shards("00000005000000010a0000010000000000000001")).hasSize(1);
    }

    @Test
    void exportersOfNetflowOnOneHostAreSpreadByTheirPort() {
        assertThat(shards("00050001000000010a0000010000000000000001")).hasSizeGreaterThan(10);
        assertThat(shards("0000000400000001")).hasSizeGreaterThan(10);
        assertThat(shards("00")).hasSizeGreaterThan(10);
    }
}
