package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.TransferFacts;
import io.narwhal.config.NodeConfig;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A link as the component that has it wrote it down last. Names in the file, and in {@code narwhal
 * transfer --format json}, are those of these parts in lower case.
 *
 * @param component {@code serve} or {@code pull}
 * @param link name of the link; of the manager where this node serves
 * @param reader whom it reads for (serve), or the agent's node (pull)
 * @param journal what is pulled
 * @param address of the other side; empty when it is not known
 * @param state of the link
 * @param buffer of this node's buffer (serve); empty (pull)
 * @param standby whether another manager of the group is served
 * @param complaint what is wrong with it now; empty: nothing
 * @param held what the agent holds that is not acknowledged
 * @param lastTxn the last transmission number
 * @param ackedTxn the last that was acknowledged
 * @param lastAck when that was, ISO-8601; empty: never
 * @param pulls since the component started
 * @param requests to be pulled since then, by their reasons: {@code record_count}, ...
 * @param bytes since the component started
 * @param records the same
 * @param bytesPerSecond lately
 * @param duplicates records that came once more
 * @param ambiguousBytes what two managers of a group may have
 * @param lostBytes stated as lost since the component started
 * @param streams each journal
 * @param events the newest, the oldest first
 */
public record TransferLink(
        String component,
        String link,
        String reader,
        String journal,
        String address,
        String state,
        String buffer,
        boolean standby,
        String complaint,
        Held held,
        long lastTxn,
        long ackedTxn,
        String lastAck,
        long pulls,
        Map<String, Long> requests,
        long bytes,
        long records,
        long bytesPerSecond,
        long duplicates,
        long ambiguousBytes,
        long lostBytes,
        List<Stream> streams,
        List<Event> events) {
    /** What is held, and since when the oldest: ISO-8601, or empty. */
    public record Held(long records, long bytes, String oldest, int fillPercent) {}

    /** One journal: saved or acknowledged up to {@code position}, of which there is {@code end}. */
    public record Stream(
            String journal,
            String name,
            String epoch,
            long position,
            long sent,
            long end,
            String verdict,
            String detail) {
        /** Bytes that are not saved yet. */
        public long lag() {
            return Math.max(0, end - position);
        }
    }

    /** Something that happened. */
    public record Event(String at, String what, String detail) {}

    private record File(List<TransferLink> links) {}

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    /** Every link of a node, those that it serves first. */
    public static List<TransferLink> of(NodeConfig config, Disk disk) {
        List<TransferLink> all = new ArrayList<>();
        Path directory = new NodeLayout(config.data()).transfer();
        if (config.serve() != null) {
            all.addAll(read(disk, directory.resolve(TransferFacts.SERVED), NodeConfig.SERVE));
        }
        if (!config.pull().isEmpty()) {
            all.addAll(read(disk, directory.resolve(TransferFacts.PULLED), NodeConfig.PULL));
        }
        return all;
    }

    private static List<TransferLink> read(Disk disk, Path file, String component) {
        try {
            if (!disk.exists(file)) {
                return List.of();
            }
            return JSON.readValue(SmallFile.read(disk, file), File.class).links().stream()
                    .map(one -> one.of(component))
                    .toList();
        } catch (DiskFailure | JacksonException e) {
            // It is replaced every second or so, and a power cut may have torn it.
            return List.of();
        }
    }

    private TransferLink of(String which) {
        return new TransferLink(
                which,
                link,
                reader,
                journal,
                address,
                state,
                buffer,
                standby,
                complaint,
                held,
                lastTxn,
                ackedTxn,
                lastAck,
                pulls,
                requests,
                bytes,
                records,
                bytesPerSecond,
                duplicates,
                ambiguousBytes,
                lostBytes,
                streams,
                events);
    }

    /** As a tree of maps, lists, texts and numbers. */
    public Map<?, ?> tree() {
        return JSON.convertValue(this, Map.class);
    }
}
