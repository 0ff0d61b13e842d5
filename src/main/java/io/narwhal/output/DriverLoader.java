package io.narwhal.output;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;

/**
 * Defines the DuckDB driver's classes again, with another idea of where its native library is.
 *
 * <p>The driver unpacks a library that it finds beside its classes, 60 to 70 MB, into
 * java.io.tmpdir at every start, and a process that is killed leaves it there. When it finds none
 * it asks the class loader for the library "duckdb_java". So this loader hides the one and answers
 * with the file that {@link NativeLibrary} unpacked once.
 */
final class DriverLoader extends ClassLoader {
    private static final String DRIVER_PACKAGE = "org.duckdb.";
    private static final String NATIVE_PREFIX = "libduckdb_java.so_";

    private final ClassLoader classes;
    private final Path library;

    DriverLoader(ClassLoader classes, Path library) {
        super("duckdb", classes);
        this.classes = classes;
        this.library = library;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        String bridge = DriverBridge.class.getName();
        boolean ours =
                name.startsWith(DRIVER_PACKAGE)
                        || name.equals(bridge)
                        || name.startsWith(bridge + "$");
        if (!ours) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known == null ? define(name) : known;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (var in = classes.getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        return name.startsWith(NATIVE_PREFIX) ? null : super.getResource(name);
    }

    @Override
    protected @Nullable String findLibrary(String name) {
        return name.equals("duckdb_java") ? library.toString() : null;
    }
}
