package io.narwhal.config;

/**
 * Something wrong, or worth a warning, at one place of a file.
 *
 * @param file the file as the user named it
 * @param line from 1
 * @param column from 1
 * @param message what is wrong and what to do about it
 */
public record Problem(String file, int line, int column, String message) {
    /** {@code FILE:LINE:COLUMN: message}, which editors and terminals make a link of. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + message;
    }
}
