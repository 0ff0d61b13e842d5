/**
 * Lines of usage files, CSV and JSON, into records, by the mapping that the configuration declares.
 *
 * <p>Constraints: a pure function of the mapping, the header of the file and the bytes of one line:
 * no line depends on another, so each can be decoded again at any time, with a mapping that was
 * mended. A line has at most 65,535 bytes, a CSV line at most 4,096 columns, JSON at most 32
 * levels. A line that cannot be read is an outcome with a reason, never a failure, and leaves no
 * trace in the block. This room reads no file and keeps nothing between two lines. Which values are
 * right is said in docs/operations/files.md.
 */
@NullMarked
package io.narwhal.lines;

import org.jspecify.annotations.NullMarked;
