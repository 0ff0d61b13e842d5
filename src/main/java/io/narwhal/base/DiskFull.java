package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/** No room left (or quota reached): an ordinary state with a policy, not a defect. */
public final class DiskFull extends DiskFailure {
    /** See {@link DiskFailure}. */
    public DiskFull(String step, Path path, @Nullable Throwable cause) {
        super(step, path, cause);
    }
}
