package io.narwhal.config;

import java.nio.file.Path;

/**
 * The customers table.
 *
 * @param table absolute path of a CSV file with the columns prefix and customer; it could be read
 *     when the configuration was loaded
 */
public record CustomersConfig(Path table) {}
