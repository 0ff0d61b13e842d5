package io.narwhal.journal;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;

/**
 * The library that compresses, loaded when it is first needed: a process that meets no compressed
 * segment never loads it. It unpacks itself into java.io.tmpdir and removes that file at once.
 */
final class Zstd {
    /** Higher levels save less than a tenth for twice the work; docs/decisions/0010. */
    private static final int LEVEL = 1;

    private Zstd() {}

    static ZstdCompressCtx compressor() {
        try {
            return new ZstdCompressCtx().setLevel(LEVEL);
        } catch (LinkageError e) {
            throw unavailable(e);
        }
    }

    static ZstdDecompressCtx decompressor() {
        try {
            return new ZstdDecompressCtx();
        } catch (LinkageError e) {
            throw unavailable(e);
        }
    }

    private static IllegalStateException unavailable(LinkageError e) {
        return new IllegalStateException(
                "compressed segments need zstd, which cannot be loaded: "
                        + e.getMessage()
                        + ". Let "
                        + System.getProperty("java.io.tmpdir")
                        + " be writable and allow executables, or name another directory with"
                        + " JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIRECTORY in the environment",
                e);
    }
}
