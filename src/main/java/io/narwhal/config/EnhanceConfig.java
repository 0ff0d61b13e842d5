package io.narwhal.config;

import org.jspecify.annotations.Nullable;

/**
 * What is added to records.
 *
 * @param customers the customers table, if there is one
 * @param subscribers who held an address; null when no collector receives the accounting of
 *     sessions, or no usage asks
 */
public record EnhanceConfig(
        @Nullable CustomersConfig customers, @Nullable SubscribersConfig subscribers) {
    /** Without subscribers. */
    public EnhanceConfig(@Nullable CustomersConfig customers) {
        this(customers, null);
    }
}
