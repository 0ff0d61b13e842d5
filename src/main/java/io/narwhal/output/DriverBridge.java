package io.narwhal.output;

import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/**
 * The one class that names the driver's own classes. {@link DriverLoader} defines it beside them,
 * so the rest of the room sees it only as a {@link DuckDb.Driver}.
 */
public final class DriverBridge implements DuckDb.Driver {
    /** For {@link DriverLoader}. */
    public DriverBridge() {}

    @Override
    public Connection connect(Properties settings) throws SQLException {
        return new DuckDBDriver().connect("jdbc:duckdb:", settings);
    }

    @Override
    public BulkAppender appender(Connection connection, String table) throws SQLException {
        return new Appender(
                connection.unwrap(DuckDBConnection.class).createAppender("main", table));
    }

    private record Appender(DuckDBAppender appender) implements BulkAppender {
        @Override
        public void beginRow() throws SQLException {
            appender.beginRow();
        }

        @Override
        public void endRow() throws SQLException {
            appender.endRow();
        }

        @Override
        public void append(long value) throws SQLException {
            appender.append(value);
        }

        @Override
        public void append(int value) throws SQLException {
            appender.append(value);
        }

        @Override
        public void append(String value) throws SQLException {
            appender.append(value);
        }

        @Override
        public void appendNull() throws SQLException {
            appender.appendNull();
        }

        @Override
        public void close() throws SQLException {
            appender.close();
        }
    }
}
