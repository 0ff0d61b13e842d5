package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.cli.Fault.Damage;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What is torn is never what stands before the end (R34). */
class TortureDamageTest {
    private static final String SEGMENT = "00000000000000000064.seg";
    private static final byte[] FORCED = new byte[1_000];
    private static final int SEEDS = 100;

    @TempDir private Path directory;
    private NodeConfig config;
    private NodeLayout layout;

    @BeforeEach
    void writeTheFilesOfANode() throws IOException {
        Arrays.fill(FORCED, (byte) 7);
        var files = new TortureFiles(directory.resolve("node"));
        files.write(Disk.system(), new TortureFiles.Ports(1_001, 1_002, 1_003));
        config =
                switch (ConfigLoader.load(files.configuration())) {
                    case Loaded.Valid(var valid, var warnings) -> {
                        assertThat(warnings).isEmpty();
                        yield valid;
                    }
                    case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
                };
        layout = new NodeLayout(config.data());
        for (var collector : config.collectors()) {
            write(layout.received(collector.name()).resolve(SEGMENT));
            write(layout.usage(collector.name()).resolve(SEGMENT));
            write(layout.checkpoints().resolve("accounting-" + collector.name() + one(4)));
            write(layout.checkpoints().resolve("accounting-" + collector.name() + one(5)));
        }
        write(layout.checkpoints().resolve("ledger" + one(4)));
        write(layout.checkpoints().resolve("ledger" + one(5)));
    }

    private static String one(int generation) {
        return "." + "0".repeat(19) + generation + ".ckpt";
    }

    private static void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, FORCED);
    }

    @Test
    void aTornJournalHasAllThatItHadAndMore() throws IOException {
        for (Damage damage : new Damage[] {Damage.GARBAGE, Damage.HALF_FRAME, Damage.ZEROS}) {
            for (long bits = 0; bits < SEEDS; bits++) {
                write(layout.received("flows").resolve(SEGMENT));
                apply("flows", damage, bits);

                byte[] bytes = Files.readAllBytes(layout.received("flows").resolve(SEGMENT));
                assertThat(bytes.length).as("%s %s", damage, bits).isGreaterThan(FORCED.length);
                assertThat(Arrays.copyOf(bytes, FORCED.length)).isEqualTo(FORCED);
            }
        }
    }

    @Test
    void ofCheckpointsOnlyTheNewestIsTorn() throws IOException {
        for (Damage damage : new Damage[] {Damage.CHECKPOINT_CHANGED, Damage.CHECKPOINT_CUT}) {
            for (long bits = 0; bits < SEEDS; bits++) {
                write(layout.checkpoints().resolve("ledger" + one(5)));
                apply("ledger", damage, bits);

                assertThat(layout.checkpoints().resolve("ledger" + one(4)))
                        .hasBinaryContent(FORCED);
                assertThat(Files.readAllBytes(layout.checkpoints().resolve("ledger" + one(5))))
                        .as("%s %s", damage, bits)
                        .isNotEqualTo(FORCED);
            }
        }
    }

    @Test
    void whatIsHalfWrittenHasTemporaryNames() throws IOException {
        for (String victim : new String[] {"accounting", "ledger"}) {
            apply(victim, Damage.HALF_WRITTEN, 1);
        }
        try (var files = Files.walk(layout.data())) {
            assertThat(files.filter(Files::isRegularFile).map(Path::toString))
                    .filteredOn(name -> name.endsWith(".tmp"))
                    .hasSize(3);
        }
    }

    private void apply(String victim, Damage damage, long bits) {
        new TortureDamage(Disk.system(), config).apply(new Fault.Tear(victim, damage, bits));
    }
}
