package io.narwhal.wire;

/**
 * Reads sampling rates out of options records (RFC 3954 §6.1, RFC 5477 §8.2). A record that names a
 * sampler (IE 48, 302) sets the rate of that sampler; one whose scope is an interface other than 0
 * the rate of that input interface; one whose scope is a template none; any other the rate of all.
 */
final class Sampling {
    private int[] places = new int[64];
    private int[] widths = new int[64];

    /** Whether records of this template can tell a rate. */
    static boolean tells(Template template) {
        return template.field(Element.SAMPLING_INTERVAL) >= 0
                || template.field(Element.SAMPLER_RANDOM_INTERVAL) >= 0
                || template.field(Element.SAMPLING_PACKET_INTERVAL) >= 0
                || template.field(Element.SAMPLING_POPULATION) >= 0
                || template.field(Element.SAMPLING_PROBABILITY) >= 0;
    }

    /**
     * Reads all records of a set, which were counted before.
     *
     * @return false when a rate could not be kept, as there are too many
     */
    boolean read(Template template, byte[] bytes, int from, int to, int records, Rates rates) {
        if (template.lengths.length > places.length) {
            places = new int[template.lengths.length];
            widths = new int[template.lengths.length];
        }
        boolean kept = true;
        int p = from;
        for (int i = 0; i < records; i++) {
            p = template.walk(bytes, p, to, places, widths);
            kept &= record(template, bytes, rates);
        }
        return kept;
    }

    private boolean record(Template template, byte[] bytes, Rates rates) {
        long rate = rate(template, bytes);
        long sampler = value(template, Element.SAMPLER_ID, bytes);
        if (sampler < 0) {
            sampler = value(template, Element.SELECTOR_ID, bytes);
        }
        if (rate <= 0) {
            return true;
        }
        if (sampler >= 0) {
            return rates.setSampler(sampler, rate);
        }
        if (template.scopeField(Element.SCOPE_TEMPLATE) >= 0
                || template.field(Element.TEMPLATE_ID) >= 0) {
            return true;
        }
        long input = at(template.scopeField(Element.SCOPE_INTERFACE), bytes);
        if (input < 0) {
            input = value(template, Element.INGRESS_INTERFACE, bytes);
        }
        if (input > 0) {
            return rates.setInterface(input, rate);
        }
        rates.setAll(rate);
        return true;
    }

    private long rate(Template template, byte[] bytes) {
        long direct = value(template, Element.SAMPLING_INTERVAL, bytes);
        if (direct > 0) {
            return direct;
        }
        long random = value(template, Element.SAMPLER_RANDOM_INTERVAL, bytes);
        if (random > 0) {
            return random;
        }
        long size = value(template, Element.SAMPLING_SIZE, bytes);
        long population = value(template, Element.SAMPLING_POPULATION, bytes);
        if (size > 0 && population > 0) {
            return Rates.ofPopulation(size, population);
        }
        long interval = value(template, Element.SAMPLING_PACKET_INTERVAL, bytes);
        long space = value(template, Element.SAMPLING_PACKET_SPACE, bytes);
        // The interval alone does not say how many packets are left out between two.
        if (interval > 0 && space >= 0) {
            return Rates.ofInterval(interval, space);
        }
        int probability = template.field(Element.SAMPLING_PROBABILITY);
        return probability < 0
                ? 0
                : Rates.ofProbability(bytes, places[probability], widths[probability]);
    }

    /** The value of an element of the record walked last; −1 when there is none. */
    private long value(Template template, int element, byte[] bytes) {
        return at(template.field(element), bytes);
    }

    private long at(int field, byte[] bytes) {
        return field < 0 || widths[field] < 1 || widths[field] > 8
                ? -1
                : Wire.number(bytes, places[field], widths[field]);
    }
}
