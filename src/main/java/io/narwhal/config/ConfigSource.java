package io.narwhal.config;

import java.nio.file.Path;

/**
 * Where a configuration came from. {@code ConfigLoader.load(source.file(), source.text())} gives
 * the same configuration again, also after the file has been edited: so a node can hand its
 * components the very text that it was started with.
 *
 * @param file the file as the user named it; relative paths inside are relative to its directory
 * @param text the whole text
 */
public record ConfigSource(Path file, String text) {}
