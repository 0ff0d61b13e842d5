package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.recovery.RecoveryNote;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** R20: orderly end, crash and power cut are told apart, and nothing of it stops a component. */
class RecoveryDiaryTest {
    private static final NodeLayout LAYOUT = World.LAYOUT;

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private long nowMs = 1_000_000;

    private final Environment environment =
            new Environment(
                    World.CONFIG,
                    LAYOUT,
                    disk,
                    Net.system(),
                    Processes.system(),
                    new Clock() {
                        @Override
                        public long wallMicros() {
                            return nowMs * 1_000;
                        }

                        @Override
                        public long monotonicNanos() {
                            return nowMs * 1_000_000;
                        }

                        @Override
                        public void sleepMillis(long millis) {
                            nowMs += millis;
                        }
                    });

    /** A part that is as it is told to be. */
    private static final class Part implements RecoveryDiary.Part {
        private boolean done;

        @Override
        public RecoveryNote.Lane lane() {
            return new RecoveryNote.Lane(
                    "edge",
                    "resume",
                    java.util.Map.of(),
                    null,
                    0,
                    0,
                    RecoveryNote.Amount.NONE,
                    RecoveryNote.Amount.NONE,
                    List.of(),
                    List.of());
        }

        @Override
        public boolean isCaughtUp() {
            return done;
        }
    }

    private ComponentPage page() {
        disk.createDirectories(LAYOUT.run());
        return ComponentPage.open(disk, LAYOUT.page("edge"));
    }

    private RecoveryDiary begin() {
        ComponentPage page = page();
        var diary = RecoveryDiary.open(environment, "edge", Kind.COLLECTOR, page);
        page.claim(environment.processes().self());
        return diary;
    }

    private List<RecoveryNote> notes() {
        return new RecoveryFile(disk, LAYOUT, "edge").read();
    }

    private RecoveryNote last() {
        return notes().getLast();
    }

    private void run(Phase end) {
        RecoveryDiary diary = begin();
        var part = new Part();
        part.done = true;
        diary.opened(List.of(part));
        diary.look();
        if (end.isOver()) {
            diary.ended(end);
        } else if (end == Phase.FAILED) {
            page().become(Phase.FAILED, "out of luck");
        }
    }

    @Test
    void whatEndedThePredecessorIsWrittenDown() {
        run(Phase.STOPPED);
        assertThat(last().after()).isEqualTo("first");
        assertThat(last().predecessor()).isNull();
        assertThat(last().ended()).isEqualTo("stopped");
        run(Phase.RUNNING);
        assertThat(last().after()).isEqualTo("orderly");
        run(Phase.FAILED);
        assertThat(last().after()).isEqualTo("crash");
        run(Phase.RUNNING);
        assertThat(last().predecessor()).endsWith("out of luck");
    }

    @Test
    void anotherBootWithoutAnOrderlyEndIsAPowerCut() {
        run(Phase.RUNNING);
        Path file = LAYOUT.recoveries().resolve("edge.jsonl");
        String text = new String(disk.bytes(file), StandardCharsets.UTF_8);
        String boot = environment.processes().boot().toString();
        disk.put(file, text.replace(boot, "another").getBytes(StandardCharsets.UTF_8));
        run(Phase.RUNNING);
        assertThat(last().after()).isEqualTo("power-cut");
        assertThat(last().boot()).isEqualTo(boot);
        assertThat(last().predecessor()).contains("the machine went down");
    }

    @Test
    void theManagerIsAskedHowItEndedOnceItsStateIsOfThisProcess() {
        run(Phase.RUNNING);
        long pid = environment.processes().self().pid();
        state("{\"components\":[{\"name\":\"edge\",\"pid\":1,\"lastEnd\":\"signal 11\"}]}");
        run(Phase.RUNNING);
        assertThat(last().predecessor()).isEqualTo("process " + pid);
        state(
                "{\"components\":[{\"name\":\"a\",\"pid\":1,\"lastEnd\":\"signal 11\"},"
                        + "{\"name\":\"edge\",\"pid\":"
                        + pid
                        + ",\"lastEnd\":\"signal 9\"}]}");
        run(Phase.RUNNING);
        assertThat(last().predecessor()).isEqualTo("process " + pid + ": signal 9");
        state("{\"components\":[{\"name\":\"ed"); // torn
        run(Phase.RUNNING);
        assertThat(last().predecessor()).isEqualTo("process " + pid);
    }

    private void state(String json) {
        disk.createDirectories(LAYOUT.node());
        disk.put(LAYOUT.node().resolve(NodeLayout.STATE), json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void itIsWrittenWhenOpenAndAgainWhenCaughtUp() {
        RecoveryDiary diary = begin();
        var part = new Part();
        nowMs += 30;
        diary.opened(List.of(part));
        diary.look();
        assertThat(last().tookMs()).isEqualTo(30);
        assertThat(last().caughtUpMs()).isNull();
        nowMs += 400;
        diary.look();
        part.done = true;
        diary.look();
        assertThat(notes()).hasSize(1);
        assertThat(last().caughtUpMs()).isEqualTo(400);
        long operations = disk.operations();
        nowMs += 60_000;
        diary.look();
        assertThat(disk.operations()).isEqualTo(operations);
    }

    @Test
    void aFullDiskOnlyPutsItOff() {
        run(Phase.RUNNING);
        RecoveryDiary diary = begin();
        var part = new Part();
        part.done = true;
        disk.capacity(0);
        diary.opened(List.of(part));
        diary.look();
        assertThat(notes()).hasSize(1);
        disk.capacity(Long.MAX_VALUE);
        diary.look();
        assertThat(notes()).as("not tried again at once").hasSize(1);
        nowMs += 6_000;
        diary.look();
        assertThat(new RecoveryFile(disk, LAYOUT, "edge").last().orElseThrow())
                .contains("\"after\":\"crash\"");
    }

    @Test
    void aDiskThatFailsKeepsNobodyFromWork() {
        RecoveryDiary diary = begin();
        disk.failForceAt(1);
        diary.opened(List.of(new Part()));
        diary.look();
        diary.look();
        assertThat(page().phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void theSameRefusalIsOneLineAndWhatCameBeforeItIsNotForgotten() {
        run(Phase.RUNNING);
        for (int i = 0; i < 3; i++) {
            begin().refused("the input is gone", List.of(new Part().lane()));
            page().become(Phase.FAILED, "the input is gone");
        }
        begin().refused("the output is gone", List.of());
        assertThat(notes().getLast().refused()).isEqualTo("the output is gone");
        assertThat(lines()).hasSize(3).element(1).asString().contains("\"times\":3");
        run(Phase.STOPPED);
        assertThat(last().after()).isEqualTo("crash");
        assertThat(last().refused()).isNull();
    }

    private List<String> lines() {
        return new String(
                        disk.bytes(LAYOUT.recoveries().resolve("edge.jsonl")),
                        StandardCharsets.UTF_8)
                .lines()
                .toList();
    }
}
