package io.narwhal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** The worked example of a page under docs/formats: bytes at offsets. */
public final class HexExample {
    private static final Pattern BLOCK =
            Pattern.compile("^```hex\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINE =
            Pattern.compile(
                    "([0-9a-f]{4,6}): ([0-9a-f]{2}(?:[0-9a-f]{2}| (?=[0-9a-f]))*) {2,}\\S.*");

    private final List<Piece> pieces;

    /** Some bytes, and where they stand. */
    private record Piece(int offset, byte[] bytes) {}

    private HexExample(List<Piece> pieces) {
        this.pieces = pieces;
    }

    /** The example of the page of that name. */
    public static HexExample of(String page) throws IOException {
        return of(page, "");
    }

    /** The first example behind this text. */
    public static HexExample of(String page, String behind) throws IOException {
        String text = Files.readString(Path.of("docs", "formats", page));
        var block = BLOCK.matcher(text);
        if (!text.contains(behind) || !block.find(text.indexOf(behind))) {
            throw new AssertionError(page + " has no example behind '" + behind + "'");
        }
        return new HexExample(block.group(1).lines().map(HexExample::piece).toList());
    }

    private static Piece piece(String line) {
        var match = LINE.matcher(line);
        if (!match.matches()) {
            throw new AssertionError("not of the form 'offset: bytes  meaning': " + line);
        }
        return new Piece(
                Integer.parseInt(match.group(1), 16),
                HexFormat.of().parseHex(match.group(2).replace(" ", "")));
    }

    /** The example in that many bytes, zero where it shows none. */
    public byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        pieces.forEach(
                piece -> System.arraycopy(piece.bytes, 0, bytes, piece.offset, piece.bytes.length));
        return bytes;
    }

    /** Behind the last byte that it shows. */
    public int end() {
        return pieces.getLast().offset + pieces.getLast().bytes.length;
    }

    /** What these bytes have where the example shows some, and zero elsewhere: to be compared. */
    public byte[] shownOf(byte[] bytes) {
        byte[] shown = new byte[bytes.length];
        pieces.forEach(
                piece ->
                        System.arraycopy(
                                bytes, piece.offset, shown, piece.offset, piece.bytes.length));
        return shown;
    }
}
