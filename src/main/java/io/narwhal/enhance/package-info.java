/**
 * The operator that adds attributes to records from reference tables: today the customer at each
 * end, by longest prefix match.
 *
 * <p>Constraints: tables are immutable and have a version, the digest of the bytes that they were
 * read from, so that the result is a pure function of records and version. At most 2,000,000
 * prefixes and 100 megabytes of text a table. The caller reads the file; a wrong table is an
 * outcome with every wrong line in it ({@link io.narwhal.enhance.CustomerTable.Outcome}). What an
 * operator writes: docs/operations/customers.md.
 *
 * <p>This package never asks a name server, never changes what an exporter sent, and never uses a
 * part of a table that has an error in it.
 */
@NullMarked
package io.narwhal.enhance;

import org.jspecify.annotations.NullMarked;
