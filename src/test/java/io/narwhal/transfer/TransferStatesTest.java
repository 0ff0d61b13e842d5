package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Every pair of states, and every message in every state, as the tables of
 * docs/protocols/transfer.md say.
 */
class TransferStatesTest {
    private static final StreamId STREAM = new StreamId(Journal.RECEIVED, "flows");
    private static final long EPOCH = 77;
    private static final long WRITER = 5;

    private static <S extends Enum<S>> void pairs(S[] states, int nth, BiPredicate<S, S> may)
            throws IOException {
        List<List<String>> rows = TransferDocument.table("from | to", nth);
        assertThat(rows).hasSize(states.length + 1);
        for (int i = 0; i < states.length; i++) {
            S from = states[i];
            assertThat(rows.get(i + 1).getFirst()).isEqualTo(label(from));
            List<String> to = Arrays.asList(rows.get(i + 1).get(1).split(", *"));
            for (S next : states) {
                assertThat(may.test(from, next))
                        .as("%s to %s", from, next)
                        .isEqualTo(to.contains(label(next)));
            }
        }
    }

    private static String label(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    @Test
    void thePageListsTheMovesOfAnAgentsLink() throws IOException {
        pairs(AgentState.values(), 0, AgentState::mayBecome);
    }

    @Test
    void thePageListsTheMovesOfTheBuffer() throws IOException {
        pairs(BufferState.values(), 1, BufferState::mayBecome);
    }

    @Test
    void thePageListsTheMovesOfAManagersLink() throws IOException {
        pairs(ManagerState.values(), 2, ManagerState::mayBecome);
    }

    // ---- the agent ----

    /** Three frames of one writer, never more. */
    private static final class Shelf implements Holding {
        @Override
        public List<Stream> streams(Journal journal) {
            return journal == Journal.USAGE
                    ? List.of()
                    : List.of(
                            new Stream(STREAM, EPOCH, List.of(new Incarnation(WRITER, 0)), 0, 300));
        }

        @Override
        public Slice read(StreamId stream, long from, long before, long records, int bytes) {
            return new Slice.Frames(
                    from,
                    from + 100,
                    from / 100 + 1,
                    from / 100 + 1,
                    1,
                    1,
                    SimulatedTransfer.frame(0, from / 100 + 1, from));
        }

        @Override
        public Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged) {
            long held = 3 - acknowledged.getOrDefault(STREAM, 0L) / 100;
            return new Occupancy(held, held * 100, 1, 10);
        }

        @Override
        public void save(String name, byte[] state) {}

        @Override
        public void free(String reader, StreamId stream, long through) {}

        @Override
        public long wallMicros() {
            return 1;
        }

        @Override
        public void note(String reader, TransferEvent event) {}
    }

    private static FromManager.Open open() {
        return new FromManager.Open("m", 1, "i", Journal.RECEIVED, List.of(), 0);
    }

    private static FromManager.SetThresholds thresholds(long records) {
        return new FromManager.SetThresholds(1, new Thresholds(0, 0, records, 0, 500));
    }

    private static AgentLink agentIn(AgentState state, List<FromAgent> said) {
        AgentSettings settings = new AgentSettings("a", 0, "1", Map.of("m", List.of("m")), 1_000);
        Agent agent = Agent.open(settings, new Shelf(), Map.of(), 0);
        if (state == AgentState.DISCONNECTED) {
            return new AgentLink(agent, "m", said::add, 0);
        }
        AgentLink link = agent.connect("m", said::add, 0);
        if (state == AgentState.RESYNC) {
            return link;
        }
        link.receive(open(), 0);
        if (state == AgentState.REQUESTED) {
            link.receive(thresholds(1), 0);
            agent.tick(0);
        }
        if (state == AgentState.SENDING || state == AgentState.AWAIT_ACK) {
            link.receive(new FromManager.ProvideAccountingData(1, 10, 1_000), 0);
        }
        while (state == AgentState.AWAIT_ACK && link.work(0)) {}
        if (state == AgentState.CLOSED) {
            link.disconnected("end", 0);
        }
        assertThat(link.state()).isEqualTo(state);
        return link;
    }

    private static FromManager toAgent(String column, List<FromAgent> said) {
        long txn = 0;
        long digest = 0;
        for (FromAgent message : said) {
            if (message instanceof FromAgent.AccountingData data) {
                txn = data.txn();
                digest = data.digest();
            }
        }
        return switch (column) {
            case "open" -> open();
            case "thresholds" -> thresholds(0);
            case "provide" -> new FromManager.ProvideAccountingData(2, 10, 1_000);
            case "acknowledge" -> new FromManager.Acknowledge(txn, digest);
            case "resolved" -> new FromManager.Resolved(STREAM, EPOCH, 0, 100);
            case "status" -> new FromManager.Status();
            case "error" -> new FromManager.Trouble(Code.BUSY, "later", 0);
            case "close" -> new FromManager.Close("bye");
            default -> throw new AssertionError(column);
        };
    }

    @Test
    void anAgentTakesEachMessageInEachStateAsThePageSays() throws IOException {
        List<List<String>> rows = TransferDocument.table("state | open | thresholds", 0);
        assertThat(rows).hasSize(AgentState.values().length + 1);
        for (List<String> row : rows.subList(1, rows.size())) {
            for (int i = 1; i < row.size(); i++) {
                AgentState before = AgentState.valueOf(row.getFirst().toUpperCase(Locale.ROOT));
                List<FromAgent> said = new ArrayList<>();
                AgentLink link = agentIn(before, said);
                FromManager message = toAgent(rows.getFirst().get(i), said);
                said.clear();
                link.receive(message, 1);
                List<Code> troubles = new ArrayList<>();
                for (FromAgent one : said) {
                    if (one instanceof FromAgent.Trouble(var code, _, _)) {
                        troubles.add(code);
                    }
                }
                holds(row, i, label(before), label(link.state()), troubles, "closed", said);
            }
        }
    }

    private static void holds(
            List<String> row,
            int column,
            String before,
            String after,
            List<Code> troubles,
            String end,
            List<?> said) {
        String cell = row.get(column);
        String where = "%s, column %d: %s".formatted(row.getFirst(), column, said);
        if (cell.equals("ignore")) {
            assertThat(said).as(where).isEmpty();
            assertThat(after).as(where).isEqualTo(before);
        } else if (cell.equals("unexpected")) {
            assertThat(troubles).as(where).containsExactly(Code.UNEXPECTED);
            assertThat(after).as(where).isEqualTo(end);
        } else {
            String next = cell.equals("ok") ? before : cell.substring(4, cell.length() - 1);
            assertThat(cell).startsWith("ok");
            assertThat(troubles).as(where).isEmpty();
            assertThat(after).as(where).isEqualTo(next);
        }
    }

    // ---- the manager ----

    private static final class Cellar implements Saving {
        final Positions positions = new Positions();
        long room = 100;

        @Override
        public Positions positions(String link) {
            return positions;
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
            return new Room(room, room * 100);
        }

        @Override
        public void note(String link, TransferEvent event) {}
    }

    private static FromAgent.Hello hello() {
        Stream stream = new Stream(STREAM, EPOCH, List.of(new Incarnation(WRITER, 0)), 0, 300);
        return new FromAgent.Hello("a", 1, 0, List.of(stream), 0, "1");
    }

    private static FromAgent.Opened opened() {
        return new FromAgent.Opened(
                List.of(new Resumption(STREAM, EPOCH, 0, Verdict.BEGINS, 0, 0, "")));
    }

    private static FromAgent.AccountingData data() {
        ByteBuffer frames = SimulatedTransfer.frame(0, 1, 0);
        return new FromAgent.AccountingData(
                        1, STREAM, EPOCH, WRITER, 0, 100, 1, 1, 1, 1, false, "", frames, 0, "")
                .signed(new Digest().with(1, EPOCH, 0, 100, frames));
    }

    private static ManagerLink managerIn(String state, List<FromManager> said) {
        Cellar cellar = new Cellar();
        Manager manager = new Manager(new ManagerSettings("m", "i", 10_000), cellar);
        Thresholds never = new Thresholds(0, 0, 0, 0, 500);
        LinkSettings settings =
                new LinkSettings("l", "a", Journal.RECEIVED, 1_000_000, never, 10, 1_000);
        ManagerLink link = manager.add(settings, 0);
        if (state.equals("disconnected")) {
            return link;
        }
        link.connected("a", said::add, 0);
        if (state.equals("closed")) {
            manager.remove("l", 0);
            return link;
        }
        if (state.equals("resync, hello awaited")) {
            return link;
        }
        link.receive(hello(), 0);
        if (state.equals("resync, opened awaited")) {
            return link;
        }
        link.receive(opened(), 0);
        if (state.equals("pulling")) {
            return link;
        }
        if (state.equals("saving")) {
            link.receive(data(), 0);
            link.receive(new FromAgent.EndOfData(1, 1, Occupancy.EMPTY, false), 0);
            return link;
        }
        link.receive(new FromAgent.EndOfData(1, 0, Occupancy.EMPTY, false), 0);
        if (state.equals("backpressured")) {
            cellar.room = 0;
            link.pull(0);
        }
        return link;
    }

    private static FromAgent toManager(String column) {
        return switch (column) {
            case "hello" -> hello();
            case "opened" -> opened();
            case "result" -> new FromAgent.ThresholdsResult(1, true, "");
            case "pull request" ->
                    new FromAgent.PullRequest(java.util.Set.of(), Occupancy.EMPTY, "");
            case "data" -> data();
            case "end of data" -> new FromAgent.EndOfData(1, 1, new Occupancy(0, 0, 0, 0), false);
            case "resolve" -> new FromAgent.Resolve(STREAM, EPOCH, 0, 100, true);
            case "status" -> new FromAgent.Status(Occupancy.EMPTY);
            case "error" -> new FromAgent.Trouble(Code.BUSY, "later", 1_000);
            case "close" -> new FromAgent.Close("bye");
            default -> throw new AssertionError(column);
        };
    }

    @Test
    void aManagerTakesEachMessageInEachStateAsThePageSays() throws IOException {
        List<List<String>> rows = TransferDocument.table("state | hello | opened", 0);
        assertThat(rows).hasSize(ManagerState.values().length + 1);
        for (List<String> row : rows.subList(1, rows.size())) {
            for (int i = 1; i < row.size(); i++) {
                String column = rows.getFirst().get(i);
                List<FromManager> said = new ArrayList<>();
                ManagerLink link = managerIn(row.getFirst(), said);
                String before = label(link.state());
                assertThat(row.getFirst()).startsWith(before);
                if (before.equals("pulling") && column.equals("end of data")) {
                    link.receive(data(), 0);
                }
                said.clear();
                link.receive(toManager(column), 1);
                List<Code> troubles = new ArrayList<>();
                for (FromManager one : said) {
                    if (one instanceof FromManager.Trouble(var code, _, _)) {
                        troubles.add(code);
                    }
                }
                holds(row, i, before, label(link.state()), troubles, "disconnected", said);
            }
        }
    }
}
