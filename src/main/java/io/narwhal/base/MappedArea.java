package io.narwhal.base;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps the file of an {@link InFlight} area. */
final class MappedArea {
    private MappedArea() {}

    static InFlight map(Path file) {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            fill(channel);
            Arena arena = Arena.ofShared();
            return InFlight.over(
                    arena,
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, InFlight.SIZE_BYTES, arena));
        } catch (IOException e) {
            throw new DiskFailure("cannot map", file, e);
        }
    }

    // Written, not only extended: a hole that the kernel cannot fill later would kill the process.
    private static void fill(FileChannel channel) throws IOException {
        var zeros = ByteBuffer.allocate(1 << 16);
        while (channel.size() < InFlight.SIZE_BYTES) {
            zeros.clear().limit((int) Math.min(1 << 16, InFlight.SIZE_BYTES - channel.size()));
            channel.write(zeros, channel.size());
        }
    }
}
