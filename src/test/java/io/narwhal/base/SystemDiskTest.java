package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

class SystemDiskTest {
    /** A named pipe would be waited for, and /dev/zero be read, for ever. */
    @Test
    void whatIsNoFileIsRefusedInsteadOfWaitedFor() {
        assertThatThrownBy(() -> Disk.system().open(Path.of("/dev/zero"), Disk.Mode.READ))
                .isInstanceOf(DiskFailure.class)
                .hasMessage("cannot open /dev/zero: is a pipe or a device, and no file");
    }
}
