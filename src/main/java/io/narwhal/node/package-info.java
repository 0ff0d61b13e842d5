/**
 * The node manager: keeps the processes of one host running and persists the host's state.
 *
 * <p>Constraints: it knows processes, pages and sockets, and nothing of accounting. It decides from
 * what it sees on the pages ({@link io.narwhal.node.Supervision}, which is pure), so a manager that
 * was itself killed finds the processes of its predecessor and goes on. A component is started
 * again at once when it had been running, and with growing delay when it dies before it runs.
 */
@NullMarked
package io.narwhal.node;

import org.jspecify.annotations.NullMarked;
