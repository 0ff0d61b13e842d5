package io.narwhal.component;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The datagrams of three exporters, as bytes. Every data datagram has two records with a source
 * address of its own, so that the ledger says of each whether it was accounted, and how often.
 */
final class Script {
    static final long START_MS = 1_700_000_000_000L;
    static final int SOCKETS = 3;
    static final int RECORDS = 2;

    /** Number of a datagram without records. */
    static final int TEMPLATES = -1;

    private static final int STEP_MS = 400;
    private static final int UPTIME_MS = 1_000_000;

    /**
     * One datagram.
     *
     * @param id counts the data datagrams from 0; {@link #TEMPLATES} for others
     * @param socket that it is sent to
     */
    record Datagram(int id, int socket, byte[] bytes) {}

    private final List<Datagram> datagrams = new ArrayList<>();
    private int ids;
    private int v5Flows;
    private int v9Datagrams;
    private int ipfixRecords;

    /** About {@code rounds} datagrams for each exporter. */
    Script(int rounds) {
        datagrams.add(ipfixTemplates(0));
        for (int round = 0; round < rounds; round++) {
            datagrams.add(v5(round));
            datagrams.add(v9(round));
            if (round == 2) {
                datagrams.add(v9Templates(round)); // data came first, and they come only once
            }
            if (round % 3 == 0) {
                datagrams.add(ipfix(round));
            }
        }
    }

    List<Datagram> datagrams() {
        return datagrams;
    }

    int ids() {
        return ids;
    }

    static long octets(int id, int record) {
        return 1_001 + 77L * id + record;
    }

    static long packets(int id, int record) {
        return 3 + id + 2L * record;
    }

    /** What exporters repeat from time to time. */
    static List<Datagram> templates(int at) {
        Script fresh = new Script(0);
        return List.of(fresh.ipfixTemplates(at), fresh.v9Templates(at));
    }

    private static int source(int id) {
        return 0x0a010000 | id; // 10.1.0.0/16
    }

    private static int endMs(int round) {
        return round * STEP_MS - 30;
    }

    private static int startMs(int id, int round) {
        return endMs(round) - 300 * (id % 7);
    }

    private Datagram v5(int round) {
        int id = ids++;
        ByteBuffer out = ByteBuffer.allocate(24 + 48 * RECORDS);
        out.putShort((short) 5).putShort((short) RECORDS).putInt(uptime(round));
        out.putInt(seconds(round))
                .putInt(0)
                .putInt(v5Flows)
                .putShort((short) 7)
                .putShort((short) 0);
        for (int i = 0; i < RECORDS; i++) {
            out.putInt(source(id)).putInt(0xc6120001).putInt(0).putInt(0);
            out.putInt((int) packets(id, i)).putInt((int) octets(id, i));
            out.putInt(UPTIME_MS + startMs(id, round)).putInt(UPTIME_MS + endMs(round));
            out.putInt(0).putInt(0).putInt(0).putInt(0);
        }
        v5Flows += RECORDS;
        return new Datagram(id, 0, out.array());
    }

    private Datagram v9(int round) {
        int id = ids++;
        ByteBuffer out = v9Header(20 + 4 + 24 * RECORDS, round, RECORDS, v9Datagrams++);
        out.putShort((short) 256).putShort((short) (4 + 24 * RECORDS));
        for (int i = 0; i < RECORDS; i++) {
            out.putInt(source(id)).putInt(0xc6120002);
            out.putInt((int) octets(id, i)).putInt((int) packets(id, i));
            out.putInt(UPTIME_MS + startMs(id, round)).putInt(UPTIME_MS + endMs(round));
        }
        return new Datagram(id, 1, out.array());
    }

    private Datagram v9Templates(int round) {
        int[] fields = {8, 4, 12, 4, 1, 4, 2, 4, 22, 4, 21, 4};
        ByteBuffer out = v9Header(20 + 8 + 2 * fields.length, round, 1, v9Datagrams++);
        out.putShort((short) 0).putShort((short) (8 + 2 * fields.length));
        return template(1, out, fields);
    }

    private Datagram ipfix(int round) {
        int id = ids++;
        ByteBuffer out = ipfixHeader(16 + 4 + 40 * RECORDS, round);
        out.putShort((short) 256).putShort((short) (4 + 40 * RECORDS));
        for (int i = 0; i < RECORDS; i++) {
            out.putInt(source(id)).putInt(0xc6120003);
            out.putLong(octets(id, i)).putLong(packets(id, i));
            out.putLong(START_MS + startMs(id, round)).putLong(START_MS + endMs(round));
        }
        ipfixRecords += RECORDS;
        return new Datagram(id, 2, out.array());
    }

    private Datagram ipfixTemplates(int round) {
        int[] fields = {8, 4, 12, 4, 1, 8, 2, 8, 152, 8, 153, 8};
        ByteBuffer out = ipfixHeader(16 + 8 + 2 * fields.length, round);
        out.putShort((short) 2).putShort((short) (8 + 2 * fields.length));
        return template(2, out, fields);
    }

    private static Datagram template(int socket, ByteBuffer out, int[] fields) {
        out.putShort((short) 256).putShort((short) (fields.length / 2));
        for (int field : fields) {
            out.putShort((short) field);
        }
        return new Datagram(TEMPLATES, socket, out.array());
    }

    private static ByteBuffer v9Header(int length, int round, int count, int sequence) {
        ByteBuffer out = ByteBuffer.allocate(length);
        out.putShort((short) 9).putShort((short) count).putInt(uptime(round));
        return out.putInt(seconds(round)).putInt(sequence).putInt(5);
    }

    private ByteBuffer ipfixHeader(int length, int round) {
        ByteBuffer out = ByteBuffer.allocate(length);
        out.putShort((short) 10).putShort((short) length).putInt(seconds(round));
        return out.putInt(ipfixRecords).putInt(6);
    }

    private static int uptime(int round) {
        return UPTIME_MS + round * STEP_MS;
    }

    private static int seconds(int round) {
        return (int) ((START_MS + round * STEP_MS) / 1_000);
    }
}
