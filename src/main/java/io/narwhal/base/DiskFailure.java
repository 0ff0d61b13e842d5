package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/** The disk did not do what it was asked to. The message names the step and the path. */
public class DiskFailure extends RuntimeException {
    private final Path path;

    /** {@code step} reads like "cannot open"; the path and the cause follow it in the message. */
    public DiskFailure(String step, Path path, @Nullable Throwable cause) {
        super(step + " " + path + (cause == null ? "" : ": " + reason(cause)), cause);
        this.path = path;
    }

    /** The file or directory concerned. */
    public Path path() {
        return path;
    }

    private static String reason(Throwable cause) {
        return switch (cause) {
            case java.nio.file.NoSuchFileException _ -> "no such file or directory";
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            case java.nio.file.FileAlreadyExistsException _ -> "exists already";
            case java.nio.file.FileSystemException e when e.getReason() != null -> e.getReason();
            default -> cause.getMessage() == null ? cause.toString() : cause.getMessage();
        };
    }
}
