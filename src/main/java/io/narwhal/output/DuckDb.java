package io.narwhal.output;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;

/**
 * An embedded DuckDB with nothing in it: a calculator for Parquet files. One connection, used by
 * one thread at a time. It never installs or loads extensions, so it never opens the network.
 */
public final class DuckDb implements AutoCloseable {
    // A JVM can load a native library only once.
    private static @Nullable Driver driver;

    private final Connection connection;
    private final Driver loaded;
    private final Settings settings;

    /**
     * What a DuckDB may use.
     *
     * @param nativeDirectory where the native library is unpacked, once per version; several
     *     processes may share it
     * @param workDirectory for files that live as long as one statement; may be emptied between
     *     runs
     * @param threads at least 1
     * @param memoryMib memory for queries, outside the Java heap; beyond it DuckDB spills to the
     *     work directory
     */
    public record Settings(Path nativeDirectory, Path workDirectory, int threads, int memoryMib) {
        public Settings {
            Check.that(threads >= 1 && memoryMib >= 64, "a thread and 64 MiB at the least");
            nativeDirectory = nativeDirectory.toAbsolutePath().normalize();
            workDirectory = workDirectory.toAbsolutePath().normalize();
        }
    }

    /** What this room uses of the driver; public because of {@link DriverLoader}. */
    public interface Driver {
        /** Opens a database in memory. */
        Connection connect(Properties settings) throws SQLException;

        /** An appender to a table of that connection. */
        BulkAppender appender(Connection connection, String table) throws SQLException;
    }

    private DuckDb(Driver loaded, Connection connection, Settings settings) {
        this.loaded = loaded;
        this.connection = connection;
        this.settings = settings;
    }

    /**
     * Opens an empty database in memory. The first call in a process loads the native library
     * (about 0.1 s; about a second more when it must first be unpacked); later ones find it loaded,
     * whatever native directory they name.
     *
     * @throws io.narwhal.base.DiskFailure when a directory cannot be made or the library not
     *     written
     * @throws LedgerFailure when DuckDB does not start
     */
    public static DuckDb open(Disk disk, Settings settings) {
        disk.createDirectories(settings.workDirectory());
        Driver driver = driver(disk, settings.nativeDirectory());
        var properties = new Properties();
        properties.setProperty("threads", Integer.toString(settings.threads()));
        properties.setProperty("memory_limit", settings.memoryMib() + "MiB");
        properties.setProperty("temp_directory", settings.workDirectory().toString());
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty("jdbc_stream_results", "true");
        try {
            var duck = new DuckDb(driver, driver.connect(properties), settings);
            duck.execute("SET TimeZone = 'UTC'");
            return duck;
        } catch (SQLException e) {
            throw new LedgerFailure("DuckDB does not start: " + e.getMessage(), e);
        } catch (LinkageError e) {
            throw new LedgerFailure(
                    "DuckDB's library does not load from "
                            + settings.nativeDirectory()
                            + "; is that file system mounted noexec, or the C++ library missing?",
                    e);
        }
    }

    private static synchronized Driver driver(Disk disk, Path nativeDirectory) {
        if (driver == null) {
            driver = load(disk, nativeDirectory);
        }
        return driver;
    }

    private static Driver load(Disk disk, Path nativeDirectory) {
        ClassLoader classes = DuckDb.class.getClassLoader();
        String name = NativeLibrary.resourceName();
        var resource = classes.getResource(name);
        if (resource == null) {
            throw new LedgerFailure(
                    "the DuckDB driver has no library for this machine: " + name, null);
        }
        Path library = NativeLibrary.unpacked(disk, nativeDirectory, resource);
        try {
            return (Driver)
                    new DriverLoader(classes, library)
                            .loadClass(DriverBridge.class.getName())
                            .getConstructor()
                            .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LedgerFailure("the DuckDB driver does not load from " + library, e);
        }
    }

    Settings settings() {
        return settings;
    }

    void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Checks a statement without running it; only so does the driver tell what is wrong with it.
     */
    void check(String sql) throws SQLException {
        connection.prepareStatement(sql).close();
    }

    BulkAppender appender(String table) throws SQLException {
        return loaded.appender(connection, table);
    }

    /** Runs a query and hands each row of the result to the reader. */
    void query(String sql, RowReader reader) throws SQLException {
        try (var statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            while (result.next()) {
                reader.read(result);
            }
        }
    }

    /** Takes what it wants of the row that the result stands on. */
    interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    /** A text as an SQL literal. */
    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Closes the database; the library stays loaded. */
    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new LedgerFailure("DuckDB does not close: " + e.getMessage(), e);
        }
    }
}
