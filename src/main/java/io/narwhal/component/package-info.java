/**
 * The loops that run a component: read, apply, checkpoint, acknowledge. This room joins the rooms
 * below it; they do not know each other.
 *
 * <p>Constraints: a component's whole processing context is one object and one checkpoint file. The
 * order is always: output forced → checkpoint durable → output published → input acknowledged;
 * killed between any two, a component finds the same state as before the first. What is written
 * after a checkpoint is invisible until the next one. One thread owns a context; the shards of a
 * lane may run on several while it waits for them.
 */
@NullMarked
package io.narwhal.component;

import org.jspecify.annotations.NullMarked;
