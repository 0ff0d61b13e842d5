package io.narwhal.transfer;

/**
 * Who a manager is.
 *
 * @param manager name of its node
 * @param instance identity of its store: another one when it was lost
 * @param outstandingBytesMax credit that all links together may have outstanding
 */
public record ManagerSettings(String manager, String instance, long outstandingBytesMax) {}
