package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An agent's thresholds, its custody, and what it does when a manager is wrong or gone. */
class AgentTest {
    private static final StreamId STREAM = new StreamId(Journal.RECEIVED, "flows");
    private static final Thresholds NEVER = new Thresholds(0, 0, 0, 0, 500);

    private final Map<String, byte[]> states = new HashMap<>();
    private final Map<String, Long> freed = new HashMap<>();
    private final List<TransferEvent> events = new ArrayList<>();
    private Occupancy held = new Occupancy(0, 0, 0, 0);
    private long now;

    private final Holding holding =
            new Holding() {
                @Override
                public List<Stream> streams(Journal journal) {
                    List<Incarnation> lineage = List.of(new Incarnation(5, 0));
                    return journal == Journal.USAGE
                            ? List.of()
                            : List.of(new Stream(STREAM, 7, lineage, 0, 300));
                }

                @Override
                public Slice read(
                        StreamId stream, long from, long before, long records, int bytes) {
                    long number = from / 100 + 1;
                    return new Slice.Frames(
                            from,
                            from + 100,
                            number,
                            number,
                            1,
                            1,
                            SimulatedTransfer.frame(0, number, from));
                }

                @Override
                public Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged) {
                    return held;
                }

                @Override
                public void save(String name, byte[] state) {
                    states.put(name, state);
                }

                @Override
                public void free(String reader, StreamId stream, long through) {
                    freed.put(reader, through);
                }

                @Override
                public long wallMicros() {
                    return now * 1_000;
                }

                @Override
                public void note(String reader, TransferEvent event) {
                    events.add(event);
                }
            };

    private Agent agent(String... members) {
        Map<String, List<String>> readers = Map.of("r", List.of(members));
        return Agent.open(new AgentSettings("a", 0, "1", readers, 1_000), holding, states, now);
    }

    private AgentLink link(Agent agent, String name, List<FromAgent> said, Saved... saved) {
        AgentLink link = agent.connect(name, said::add, now);
        List<Saved> all = List.of(saved);
        link.receive(new FromManager.Open(name, 1, "i", Journal.RECEIVED, all, 0), now);
        assertThat(link.state()).isEqualTo(AgentState.IDLE);
        return link;
    }

    private void pull(AgentLink link) {
        link.receive(new FromManager.ProvideAccountingData(1, 100, 10_000), now);
        while (link.work(now)) {}
    }

    private static <T> List<T> only(List<FromAgent> said, Class<T> kind) {
        return said.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private Set<Reason> asked(Agent agent, List<FromAgent> said, int fill, long records) {
        held = new Occupancy(records, records * 10, 1, fill);
        said.clear();
        now += 1_000;
        agent.tick(now);
        List<FromAgent.PullRequest> requests = only(said, FromAgent.PullRequest.class);
        return requests.isEmpty() ? Set.of() : requests.getFirst().reasons();
    }

    @Test
    void theApproachIsReportedUntilTheBufferFallsBelowTheClearMark() {
        Agent agent = agent("m");
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent, "m", said);
        link.receive(new FromManager.SetThresholds(1, new Thresholds(75, 50, 0, 0, 500)), now);
        assertThat(asked(agent, said, 74, 5)).isEmpty();
        assertThat(asked(agent, said, 75, 5)).containsExactly(Reason.APPROACHING);
        assertThat(asked(agent, said, 60, 5)).containsExactly(Reason.APPROACHING);
        assertThat(asked(agent, said, 100, 5)).containsExactly(Reason.REACHED);
        assertThat(asked(agent, said, 60, 5)).containsExactly(Reason.APPROACHING);
        assertThat(asked(agent, said, 49, 5)).isEmpty();
        assertThat(link.state()).isEqualTo(AgentState.IDLE);
        assertThat(asked(agent, said, 60, 5)).isEmpty();
    }

    @Test
    void aRequestIsRepeatedOnlyAfterTheRetryWhileItsReasonHolds() {
        Agent agent = agent("m");
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent, "m", said);
        link.receive(new FromManager.SetThresholds(1, new Thresholds(0, 0, 3, 0, 500)), now);
        assertThat(asked(agent, said, 0, 2)).isEmpty();
        assertThat(asked(agent, said, 0, 3)).containsExactly(Reason.RECORD_COUNT);
        said.clear();
        agent.tick(now += 499);
        assertThat(only(said, FromAgent.PullRequest.class)).isEmpty();
        agent.tick(now += 1);
        assertThat(only(said, FromAgent.PullRequest.class)).hasSize(1);
    }

    @Test
    void pullsAndRequestsAreCountedOverTheConnectionsOfAManager() {
        Agent agent = agent("m");
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent, "m", said);
        link.receive(new FromManager.SetThresholds(1, new Thresholds(75, 50, 3, 0, 500)), now);
        assertThat(asked(agent, said, 0, 3)).containsExactly(Reason.RECORD_COUNT);
        pull(link);
        link.disconnected("away", now);
        assertThat(agent.facts().getFirst().pulls()).isOne();
        link = link(agent, "m", said);
        link.receive(new FromManager.SetThresholds(1, new Thresholds(75, 50, 3, 0, 500)), now);
        assertThat(asked(agent, said, 80, 3)).hasSize(2);
        pull(link);
        LinkFacts facts = agent.facts().getFirst();
        assertThat(facts.pulls()).isEqualTo(2);
        assertThat(facts.requests())
                .isEqualTo(Map.of(Reason.RECORD_COUNT, 2L, Reason.APPROACHING, 1L));
        assertThat(facts.records()).isEqualTo(6);
    }

    @Test
    void troubleOfTheCollectorAndADrainAskToo() {
        Agent agent = agent("m");
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent, "m", said);
        link.receive(new FromManager.SetThresholds(1, NEVER), now);
        agent.collecting("no socket", now);
        assertThat(asked(agent, said, 0, 1)).containsExactly(Reason.INTERNAL_ERROR);
        agent.collecting("", now);
        agent.drain(now);
        assertThat(asked(agent, said, 0, 1)).containsExactly(Reason.SHUTDOWN);
        assertThat(asked(agent, said, 0, 0)).isEmpty();
    }

    @Test
    void thresholdsThatContradictThemselvesAreNotAccepted() {
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent("m"), "m", said);
        link.receive(new FromManager.SetThresholds(4, new Thresholds(50, 60, 0, 0, 500)), now);
        List<FromAgent.ThresholdsResult> results = only(said, FromAgent.ThresholdsResult.class);
        assertThat(results).extracting(FromAgent.ThresholdsResult::accepted).containsExactly(false);
    }

    @Test
    void aKindWhoseStateCannotBeReadWasOpenedAndIsNotFreedAsUnwanted() {
        states.put("r.received", new byte[] {99});
        assertThat(agent("m").opened("r", Journal.RECEIVED)).isTrue();
    }

    @Test
    void aSecondManagerOfTheSameNameIsRefusedWhileTheFirstIsConnected() {
        Agent agent = agent("m");
        AgentLink first = link(agent, "m", new ArrayList<>());
        List<FromAgent> said = new ArrayList<>();
        AgentLink second = agent.connect("m", said::add, now);
        var open = new FromManager.Open("m", 1, "other", Journal.RECEIVED, List.of(), 0);

        second.receive(open, now);

        assertThat(second.state()).isEqualTo(AgentState.CLOSED);
        assertThat(only(said, FromAgent.Trouble.class))
                .extracting(FromAgent.Trouble::code)
                .containsExactly(Code.BUSY);
        assertThat(events).extracting(TransferEvent::kind).contains(TransferEvent.Kind.ALARM);
        assertThat(first.state()).isEqualTo(AgentState.IDLE);
        first.disconnected("gone", now);
        AgentLink third = agent.connect("m", said::add, now);
        third.receive(open, now);
        assertThat(third.state()).isEqualTo(AgentState.IDLE);
    }

    @Test
    void aGroupThatIsNewKnowsWhatAMemberHadAlone() {
        Agent alone =
                Agent.open(
                        new AgentSettings("a", 0, "1", Map.of("m", List.of("m")), 1_000),
                        holding,
                        states,
                        now);
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(alone, "m", said);
        pull(link);
        FromAgent.AccountingData second = only(said, FromAgent.AccountingData.class).get(1);
        link.receive(new FromManager.Acknowledge(second.txn(), second.digest()), now);
        alone.close(now);

        Agent group = agent("m", "n");

        assertThat(group.acknowledged("r", Journal.RECEIVED)).containsEntry(STREAM, 200L);
        said.clear();
        AgentLink other = link(group, "n", said);
        pull(other);
        assertThat(only(said, FromAgent.AccountingData.class))
                .noneMatch(one -> one.gap().isEmpty());
        assertThat(only(said, FromAgent.EndOfData.class).getLast().standby()).isTrue();
    }

    @Test
    void nothingIsFreedBeforeTheAcknowledgementIsDurable() {
        Agent agent = agent("m");
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent, "m", said);
        pull(link);
        assertThat(freed).isEmpty();
        FromAgent.AccountingData second = only(said, FromAgent.AccountingData.class).get(1);
        link.receive(new FromManager.Acknowledge(second.txn(), second.digest()), now);
        assertThat(freed).isEmpty();
        agent.tick(now += Agent.SAVE_EVERY_MS);
        assertThat(freed).containsEntry("r", 200L);
        assertThat(agent("m").acknowledged("r", Journal.RECEIVED)).containsEntry(STREAM, 200L);
    }

    @Test
    void anAcknowledgementOfWhatWasNotSentFreesNothingAndRaisesAnAlarm() {
        wrong(1, 0, Code.ACK_BEYOND_SENT);
    }

    @Test
    void anAcknowledgementWithAnotherDigestFreesNothingAndRaisesAnAlarm() {
        wrong(0, 1, Code.BAD_DIGEST);
    }

    private void wrong(long beyond, long other, Code code) {
        Agent agent = agent("m");
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = link(agent, "m", said);
        pull(link);
        FromAgent.AccountingData last = only(said, FromAgent.AccountingData.class).getLast();
        link.receive(new FromManager.Acknowledge(last.txn() + beyond, last.digest() + other), now);
        agent.tick(now += 1_000);
        assertThat(freed).isEmpty();
        assertThat(link.state()).isEqualTo(AgentState.CLOSED);
        assertThat(only(said, FromAgent.Trouble.class))
                .extracting(FromAgent.Trouble::code)
                .containsExactly(code);
        assertThat(events).extracting(TransferEvent::kind).contains(TransferEvent.Kind.ALARM);
    }

    @Test
    void aStandbyIsServedWhenTheActiveOneIsAwayAndCountsWhenThatIsRemoved() {
        Agent agent = agent("m1", "m2");
        AgentLink former = link(agent, "m1", new ArrayList<>());
        pull(former);
        List<FromAgent> said = new ArrayList<>();
        AgentLink next = link(agent, "m2", said);
        pull(next);
        assertThat(only(said, FromAgent.EndOfData.class).getFirst().standby()).isTrue();
        former.disconnected("gone", now);
        agent.tick(now += 999);
        agent.tick(now += 1_000);
        pull(next);
        List<FromAgent.AccountingData> data = only(said, FromAgent.AccountingData.class);
        assertThat(data)
                .hasSize(3)
                .allMatch(one -> one.resent() && one.possibleDuplicateOf().equals("m1"));
        Agent removed = agent("m2");
        List<FromAgent> then = new ArrayList<>();
        link(removed, "m2", then, new Saved(STREAM, 7, 300, List.of(new Incarnation(5, 0))));
        assertThat(only(then, FromAgent.Resolve.class))
                .containsExactly(new FromAgent.Resolve(STREAM, 7, 0, 300, false));
    }

    @Test
    void theFormerTellsWhatItHasAndTheHolderIsTold() {
        Agent agent = agent("m1", "m2");
        AgentLink former = link(agent, "m1", new ArrayList<>());
        pull(former);
        List<FromAgent> said = new ArrayList<>();
        AgentLink next = link(agent, "m2", said);
        former.disconnected("gone", now);
        agent.tick(now += 999);
        agent.tick(now += 1_000);
        pull(next);
        link(
                agent,
                "m1",
                new ArrayList<>(),
                new Saved(STREAM, 7, 100, List.of(new Incarnation(5, 0))));
        assertThat(only(said, FromAgent.Resolve.class))
                .containsExactly(
                        new FromAgent.Resolve(STREAM, 7, 0, 100, true),
                        new FromAgent.Resolve(STREAM, 7, 100, 300, false));
    }

    @Test
    void whoIsNotConfiguredMayNotPull() {
        List<FromAgent> said = new ArrayList<>();
        AgentLink link = agent("m").connect("m", said::add, now);
        link.receive(new FromManager.Open("x", 1, "i", Journal.RECEIVED, List.of(), 0), now);
        assertThat(only(said, FromAgent.Trouble.class))
                .extracting(FromAgent.Trouble::code)
                .containsExactly(Code.UNAUTHORISED);
        assertThat(link.state()).isEqualTo(AgentState.CLOSED);
    }
}
