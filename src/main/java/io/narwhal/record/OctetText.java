package io.narwhal.record;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What devices send as text, made readable. */
public final class OctetText {
    private static final HexFormat HEX = HexFormat.of();

    private OctetText() {}

    /** {@code bytes[at, end)} as UTF-8; octets that are none of it as {@code \xNN}. */
    public static String of(byte[] bytes, int at, int end) {
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        var in = ByteBuffer.wrap(bytes, at, end - at);
        var out = CharBuffer.allocate(4 * (end - at));
        while (decoder.decode(in, out, true).isError()) {
            out.put("\\x").put(HEX.toHexDigits(in.get()));
            decoder.reset();
        }
        return out.flip().toString();
    }
}
