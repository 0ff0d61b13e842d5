package io.narwhal.config;

import org.jspecify.annotations.Nullable;

/**
 * What is added to records.
 *
 * @param customers the customers table, if there is one
 */
public record EnhanceConfig(@Nullable CustomersConfig customers) {}
