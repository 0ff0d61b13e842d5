package io.narwhal.lines;

/** The values of one line. */
interface Row {
    /** The value of a column; empty when the line has none there. */
    String text(int column) throws BadLine;
}
