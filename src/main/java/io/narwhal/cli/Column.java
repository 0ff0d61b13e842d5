package io.narwhal.cli;

/**
 * A column of results.
 *
 * @param name in the header, and in JSON
 * @param isNumber whether it is aligned to the right
 */
record Column(String name, boolean isNumber) {
    static Column text(String name) {
        return new Column(name, false);
    }

    static Column number(String name) {
        return new Column(name, true);
    }
}
