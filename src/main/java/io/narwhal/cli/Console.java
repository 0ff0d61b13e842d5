package io.narwhal.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a command writes, and what surrounds it.
 *
 * @param out results; buffered, so flush what somebody waits for; unlike {@code System.out} it does
 *     not hide a failed write
 * @param err everything else; flushed line by line
 * @param environment the environment variables
 * @param directory the working directory; empty for that of the process, so that paths are printed
 *     as the user typed them
 */
record Console(Writer out, PrintWriter err, Map<String, String> environment, Path directory) {
    static Console system() {
        var err = new OutputStreamWriter(System.err, StandardCharsets.UTF_8);
        return new Console(
                writer(new FileOutputStream(FileDescriptor.out)),
                new PrintWriter(err, true),
                System.getenv(),
                Path.of(""));
    }

    /** UTF-8 whatever the locale says, as results are read by programs. */
    static Writer writer(OutputStream stream) {
        return new BufferedWriter(
                new OutputStreamWriter(new PipeStream(stream), StandardCharsets.UTF_8));
    }

    /**
     * For picocli, which prints help through a writer that hides failures: nothing is flushed here,
     * so that a failure shows at the flush that follows every command.
     */
    PrintWriter helpOut() {
        return new PrintWriter(
                new FilterWriter(out) {
                    @Override
                    public void flush() {}
                });
    }

    /** Whether failures are shown with their stack trace. */
    boolean isTraced() {
        return "1".equals(environment.get("NARWHAL_TRACE"));
    }

    /** Tells a reader that went away from a write that failed. */
    private static final class PipeStream extends OutputStream {
        private final OutputStream stream;

        PipeStream(OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                stream.write(bytes, offset, length);
            } catch (IOException e) {
                throw isBrokenPipe(e)
                        ? new OutputClosed(e)
                        : new IOException("cannot write to standard output: " + e.getMessage(), e);
            }
        }

        private static boolean isBrokenPipe(IOException e) {
            return String.valueOf(e.getMessage()).contains("Broken pipe");
        }
    }
}
