package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.radius.Dictionaries;

/** The dictionaries of attributes that a configuration names for its collectors. */
public final class RadiusDictionaries {
    private RadiusDictionaries() {}

    /** What a collector's attributes are called. */
    static Dictionaries of(NodeConfig config, String collector, Disk disk) {
        return Dictionaries.shipped();
    }
}
