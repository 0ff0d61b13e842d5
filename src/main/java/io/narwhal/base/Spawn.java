package io.narwhal.base;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Starts a process that inherits sockets (posix_spawn): it holds them from its first instruction,
 * long before it could ask for them. The JDK's own way closes every descriptor in the child.
 */
final class Spawn {
    private static final int FIRST_DESCRIPTOR = 3;
    private static final int PARKED = 1_000; // between the sockets' own numbers and the child's
    private static final int O_WRONLY_CREAT_APPEND = 1 | 0x40 | 0x400;
    private static final int MODE = 0640;
    private static final short SETSIGMASK_SETSID = 0x08 | 0x80;
    private static final int WNOHANG = 1;
    // Room enough for the opaque structures of every C library.
    private static final int ACTIONS_BYTES = 512;
    private static final int ATTRIBUTES_BYTES = 1024;
    private static final int SIGNALS_BYTES = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final MethodHandle SPAWN =
            function("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle ACTIONS_INIT =
            function("posix_spawn_file_actions_init", ADDRESS);
    private static final MethodHandle ADD_OPEN =
            function(
                    "posix_spawn_file_actions_addopen",
                    ADDRESS,
                    JAVA_INT,
                    ADDRESS,
                    JAVA_INT,
                    JAVA_INT);
    private static final MethodHandle ADD_DUP2 =
            function("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle ADD_CLOSE =
            function("posix_spawn_file_actions_addclose", ADDRESS, JAVA_INT);
    private static final Optional<MethodHandle> ADD_CLOSE_FROM =
            LIBC.find("posix_spawn_file_actions_addclosefrom_np")
                    .map(
                            symbol ->
                                    LINKER.downcallHandle(
                                            symbol,
                                            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT)));
    private static final MethodHandle ATTRIBUTES_INIT = function("posix_spawnattr_init", ADDRESS);
    private static final MethodHandle SET_FLAGS =
            function("posix_spawnattr_setflags", ADDRESS, JAVA_SHORT);
    private static final MethodHandle SET_SIGNALS =
            function("posix_spawnattr_setsigmask", ADDRESS, ADDRESS);
    private static final MethodHandle WAITPID = function("waitpid", JAVA_INT, ADDRESS, JAVA_INT);

    private Spawn() {}

    /**
     * Starts the command in a session of its own, with nothing on its input and its output appended
     * to the file; descriptor 3 and the following are copies of {@code sockets}.
     *
     * @return its pid, or minus the errno
     */
    static long start(List<String> command, Path output, List<Integer> sockets) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(ACTIONS_BYTES, 16);
            check((int) ACTIONS_INIT.invokeExact(actions));
            redirect(arena, actions, output);
            inherit(actions, sockets);
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 16);
            check((int) ATTRIBUTES_INIT.invokeExact(attributes));
            check((int) SET_SIGNALS.invokeExact(attributes, arena.allocate(SIGNALS_BYTES, 16)));
            check((int) SET_FLAGS.invokeExact(attributes, SETSIGMASK_SETSID));
            MemorySegment pid = arena.allocate(JAVA_INT);
            MemorySegment environment =
                    LIBC.findOrThrow("environ").reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
            int errno =
                    (int)
                            SPAWN.invokeExact(
                                    pid,
                                    arena.allocateFrom(command.getFirst()),
                                    actions,
                                    attributes,
                                    arguments(arena, command),
                                    environment);
            return errno == 0 ? pid.get(JAVA_INT, 0) : -errno;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("posix_spawn", e);
        }
    }

    private static void redirect(Arena arena, MemorySegment actions, Path output) throws Throwable {
        MemorySegment nothing = arena.allocateFrom("/dev/null");
        MemorySegment log = arena.allocateFrom(output.toString());
        check((int) ADD_OPEN.invokeExact(actions, 0, nothing, 0, 0));
        check((int) ADD_OPEN.invokeExact(actions, 1, log, O_WRONLY_CREAT_APPEND, MODE));
        check((int) ADD_DUP2.invokeExact(actions, 1, 2));
    }

    // By way of high numbers, as a socket's own number may be one that the child is to have.
    private static void inherit(MemorySegment actions, List<Integer> sockets) throws Throwable {
        for (int i = 0; i < sockets.size(); i++) {
            int own = sockets.get(i);
            check((int) ADD_DUP2.invokeExact(actions, own, PARKED + i));
        }
        for (int i = 0; i < sockets.size(); i++) {
            check((int) ADD_DUP2.invokeExact(actions, PARKED + i, FIRST_DESCRIPTOR + i));
            check((int) ADD_CLOSE.invokeExact(actions, PARKED + i));
        }
        if (ADD_CLOSE_FROM.isPresent()) {
            int first = FIRST_DESCRIPTOR + sockets.size();
            check((int) ADD_CLOSE_FROM.get().invokeExact(actions, first));
        }
    }

    private static MemorySegment arguments(Arena arena, List<String> command) {
        MemorySegment arguments = arena.allocate(ADDRESS, command.size() + 1L);
        for (int i = 0; i < command.size(); i++) {
            arguments.setAtIndex(ADDRESS, i, arena.allocateFrom(command.get(i)));
        }
        return arguments;
    }

    /**
     * Takes note of the end of a child: its exit code, or 128 + signal; empty when it still runs.
     */
    static Optional<Integer> ended(long pid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(JAVA_INT);
            int result = (int) WAITPID.invokeExact((int) pid, status, WNOHANG);
            if (result <= 0) {
                return Optional.empty();
            }
            int bits = status.get(JAVA_INT, 0);
            int signal = bits & 0x7f;
            return Optional.of(signal == 0 ? bits >> 8 & 0xff : 128 + signal);
        } catch (Throwable e) {
            throw new IllegalStateException("waitpid", e);
        }
    }

    private static void check(int result) {
        Check.that(result == 0, "the C library prepares a process (errno %d)", result);
    }

    private static MethodHandle function(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LIBC.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
    }
}
