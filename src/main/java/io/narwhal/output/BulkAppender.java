package io.narwhal.output;

import java.sql.SQLException;

/**
 * Appends rows to a table faster than SQL can, value by value in the order of the columns. Public
 * only because the driver lives in a class loader of its own; see {@link DuckDb}.
 */
public interface BulkAppender extends AutoCloseable {
    /** Begins a row. */
    void beginRow() throws SQLException;

    /** Ends a row; every column has had a value. */
    void endRow() throws SQLException;

    /** A signed 64-bit value, or the bits of an unsigned one. */
    void append(long value) throws SQLException;

    /** A signed 32-bit value. */
    void append(int value) throws SQLException;

    /** A text. */
    void append(String value) throws SQLException;

    /** No value. */
    void appendNull() throws SQLException;

    /** Writes what is buffered and ends. */
    @Override
    void close() throws SQLException;
}
