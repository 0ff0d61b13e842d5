package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One link of a manager, with an agent by hand. */
class ManagerLinkTest {
    private static final StreamId FLOWS = new StreamId(Journal.RECEIVED, "flows");
    private static final Thresholds NEVER = new Thresholds(0, 0, 0, 0, 1_000);

    private final Map<String, Positions> known = new TreeMap<>();
    private final List<FromManager> said = new ArrayList<>();
    private final List<TransferEvent> events = new ArrayList<>();
    private final Manager manager =
            new Manager(new ManagerSettings("central", "i", 1 << 20), saving());
    private long now = 1_000;

    private Saving saving() {
        return new Saving() {
            @Override
            public Positions positions(String link) {
                return known.computeIfAbsent(link, _ -> new Positions());
            }

            @Override
            public Map<String, Positions> known() {
                return known;
            }

            @Override
            public void append(String link, FromAgent.AccountingData data) {}

            @Override
            public void duplicate(String link, FromAgent.AccountingData data) {}

            @Override
            public void resumed(String link, Resumption resumption) {}

            @Override
            public void resolve(String link, FromAgent.Resolve resolve) {}

            @Override
            public Room room() {
                return new Room(100, 10_000);
            }

            @Override
            public void note(String link, TransferEvent event) {
                events.add(event);
            }
        };
    }

    private ManagerLink connect(String name) {
        var settings = new LinkSettings(name, "edge", Journal.RECEIVED, 1_000, NEVER, 100, 10_000);
        ManagerLink link = manager.add(settings, now);
        link.connected("edge", said::add, now);
        var stream = new Stream(FLOWS, 7, List.of(new Incarnation(5, 0)), 0, 900);
        link.receive(new FromAgent.Hello("edge", 1, 0, List.of(stream), 0, "c"), now);
        return link;
    }

    private List<Saved> opened() {
        return said.stream()
                .filter(FromManager.Open.class::isInstance)
                .flatMap(one -> ((FromManager.Open) one).saved().stream())
                .toList();
    }

    @Test
    void aLinkThatWasRenamedGoesOnWhereItEnded() {
        var former = new Positions();
        former.appended(FLOWS, 7, 5, 0, 300, 1);
        known.put("edge-old", former);

        connect("edge-new");

        assertThat(opened()).extracting(Saved::through).containsExactly(300L);
        assertThat(events)
                .extracting(TransferEvent::kind)
                .containsExactly(TransferEvent.Kind.ADMINISTERED);
    }

    @Test
    void whatAnotherLinkOfTheConfigurationOrAnotherStoreHasIsNotTaken() {
        var other = new Positions();
        other.appended(FLOWS, 7, 5, 0, 300, 1);
        known.put("edge-2", other);
        var elsewhere = new LinkSettings("edge-2", "x", Journal.RECEIVED, 1_000, NEVER, 1, 1);
        manager.add(elsewhere, now);
        var reborn = new Positions();
        reborn.appended(FLOWS, 8, 5, 0, 400, 1);
        known.put("edge-old", reborn);

        connect("edge-new");

        assertThat(opened()).isEmpty();
    }

    @Test
    void anAgentWithEverMoreJournalsAndStoresIsToldWhatAMessageMayHave() {
        var saved = new Positions();
        for (int i = 0; i < 300; i++) {
            for (int epoch = 1; epoch <= 5; epoch++) {
                var id = new StreamId(Journal.RECEIVED, "flows" + i);
                saved.appended(id, epoch, 5, 0, 100, 1);
            }
        }
        known.put("edge-1", saved);

        connect("edge-1");

        assertThat(opened()).hasSize(900).allMatch(one -> one.epoch() >= 3);
    }

    @Test
    void anAgentThatAlwaysHasOtherJournalsIsRefusedInTheEnd() {
        var saved = new Positions();
        for (int i = 0; i < Positions.STREAMS_MAX; i++) {
            saved.appended(new StreamId(Journal.RECEIVED, "flows" + i), 1, 5, 0, 100, 1);
        }
        known.put("edge-1", saved);
        ManagerLink link = connect("edge-1");
        var begins = new Resumption(FLOWS, 7, 0, Verdict.BEGINS, 0, 0, "");

        link.receive(new FromAgent.Opened(List.of(begins)), now);

        assertThat(link.state()).isEqualTo(ManagerState.DISCONNECTED);
    }

    @Test
    void aPullThatBringsNothingIsGivenUpThoughTheAgentIsAlive() {
        ManagerLink link = connect("edge-1");
        var begins = new Resumption(FLOWS, 7, 0, Verdict.BEGINS, 0, 0, "");
        link.receive(new FromAgent.Opened(List.of(begins)), now);
        assertThat(link.state()).isEqualTo(ManagerState.PULLING);

        for (int second = 0; second < 89; second++) {
            link.receive(new FromAgent.Status(Occupancy.EMPTY), now += 1_000);
            manager.tick(now);
        }
        assertThat(link.state()).isEqualTo(ManagerState.PULLING);
        manager.tick(now += 1_000);

        assertThat(link.state()).isEqualTo(ManagerState.DISCONNECTED);
        assertThat(link.outstanding().bytes()).isZero();
    }
}
