/**
 * The only room that touches files, sockets, time, randomness and other processes.
 *
 * <p>Constraints: every interface here is narrow enough to be faked whole ({@link Disk}, {@link
 * Clock}, {@link Net}), so that the rooms above run unchanged on a disk that loses what was not
 * forced and on a clock that a test turns. Nothing here knows what a record is. Bytes on disk and
 * in snapshots are big-endian.
 */
@NullMarked
package io.narwhal.base;

import org.jspecify.annotations.NullMarked;
