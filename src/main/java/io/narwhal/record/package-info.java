/**
 * The vocabulary: fields, blocks of records, usage rows, books.
 *
 * <p>Constraints: plain data, no I/O, no clock. A {@link io.narwhal.record.RecordBlock} is columns
 * of longs, so that an operator is a few tight loops. Addresses are 128 bits, an IPv4 address in
 * its IPv6 form ::ffff:a.b.c.d. Times are milliseconds since 1970, UTC, unless a name says
 * otherwise.
 */
@NullMarked
package io.narwhal.record;

import org.jspecify.annotations.NullMarked;
