package io.narwhal.cli;

import java.util.List;
import java.util.Locale;

/** Something that a torture does to a node, and that the node must survive without a loss. */
sealed interface Fault {
    /** How {@code --faults} names it, and the report counts it. */
    enum Kind {
        /** One component is killed (SIGKILL). */
        KILL,
        /** One component is asked to end (SIGTERM). */
        TERM,
        /** Several processes are killed at once, the node manager perhaps among them. */
        STORM,
        /** The node manager is killed, and started again after a while. */
        MANAGER,
        /** A process is halted (SIGSTOP) and goes on before anybody takes it for hung. */
        PAUSE,
        /** A process is halted for so long that it is taken for hung. */
        HANG,
        /** The disk is full for a while. */
        DISK,
        /** The wall clock steps. */
        CLOCK,
        /** A component is killed, and its files are torn before it is started again. */
        TEAR;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How a file is torn. */
    enum Damage {
        /** Bytes of no meaning behind the end of a journal. */
        GARBAGE,
        /** A frame behind the end of a journal whose header announces more than there is. */
        HALF_FRAME,
        /** Zeros behind the end of a journal, as some file systems leave them. */
        ZEROS,
        /** A byte in the newest checkpoint is another one. */
        CHECKPOINT_CHANGED,
        /** The newest checkpoint ends too early. */
        CHECKPOINT_CUT,
        /** Files that were half written under their temporary names. */
        HALF_WRITTEN;

        /** In words. */
        String text() {
            return switch (this) {
                case GARBAGE -> "garbage behind its journal";
                case HALF_FRAME -> "half a frame behind its journal";
                case ZEROS -> "zeros behind its journal";
                case CHECKPOINT_CHANGED -> "its newest checkpoint changed";
                case CHECKPOINT_CUT -> "its newest checkpoint cut";
                case HALF_WRITTEN -> "half-written temporary files";
            };
        }
    }

    /** Name of the node manager among the victims. */
    String MANAGER = "node manager";

    /** What it is counted as. */
    Kind kind();

    /** In words. */
    String text();

    /**
     * Processes are killed at once.
     *
     * @param victims components, or {@link #MANAGER}
     * @param awayMs after which a killed node manager is started again
     */
    record Kill(Kind kind, List<String> victims, long awayMs) implements Fault {
        public Kill {
            victims = List.copyOf(victims);
        }

        @Override
        public String text() {
            return "SIGKILL " + String.join(", ", victims);
        }
    }

    /** A component is asked to end. */
    record Terminate(String victim) implements Fault {
        @Override
        public Kind kind() {
            return Kind.TERM;
        }

        @Override
        public String text() {
            return "SIGTERM " + victim;
        }
    }

    /** A process is halted. A node manager that hangs is killed then, as systemd would. */
    record Halt(Kind kind, String victim, long forMs) implements Fault {
        @Override
        public String text() {
            return "SIGSTOP " + victim + " for " + forMs + " ms";
        }
    }

    /** The disk is filled to the last byte. */
    record Fill(long forMs) implements Fault {
        @Override
        public Kind kind() {
            return Kind.DISK;
        }

        @Override
        public String text() {
            return "disk full for " + forMs + " ms";
        }
    }

    /** The wall clock steps from where it is. */
    record Step(long byMs) implements Fault {
        @Override
        public Kind kind() {
            return Kind.CLOCK;
        }

        @Override
        public String text() {
            return String.format(Locale.ROOT, "clock steps by %+,.3f s", byMs / 1_000.0);
        }
    }

    /**
     * A component's files are torn while it is dead.
     *
     * @param bits which of its files, where, and with what
     */
    record Tear(String victim, Damage damage, long bits) implements Fault {
        @Override
        public Kind kind() {
            return Kind.TEAR;
        }

        @Override
        public String text() {
            return "SIGKILL " + victim + ", " + damage.text();
        }
    }
}
