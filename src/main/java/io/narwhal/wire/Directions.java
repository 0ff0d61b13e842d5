package io.narwhal.wire;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Set;

/**
 * What the fields of a template mean in either direction of its flows. A record of a biflow (RFC
 * 5103) has two: the forward one, and the reverse one, whose source is the forward destination. A
 * biflow is told by reverse elements (enterprise 29305), or by counters of initiator and responder
 * (231, 232, 298, 299) where there are no counters but these.
 */
final class Directions {
    private static final Set<Integer> COUNTERS =
            Set.of(
                    Element.OCTET_DELTA_COUNT,
                    Element.PACKET_DELTA_COUNT,
                    Element.OCTET_TOTAL_COUNT,
                    Element.PACKET_TOTAL_COUNT,
                    Element.LAYER2_OCTET_DELTA_COUNT);

    private static final Set<Integer> STARTS =
            Set.of(
                    Element.FLOW_START_SYS_UP_TIME,
                    Element.FLOW_START_SECONDS,
                    Element.FLOW_START_MILLISECONDS,
                    Element.FLOW_START_MICROSECONDS,
                    Element.FLOW_START_NANOSECONDS,
                    Element.FLOW_START_DELTA_MICROSECONDS);

    private static final Set<Integer> ENDS =
            Set.of(
                    Element.FLOW_END_SYS_UP_TIME,
                    Element.FLOW_END_SECONDS,
                    Element.FLOW_END_MILLISECONDS,
                    Element.FLOW_END_MICROSECONDS,
                    Element.FLOW_END_NANOSECONDS,
                    Element.FLOW_END_DELTA_MICROSECONDS);

    private static final Set<Integer> DURATIONS =
            Set.of(Element.FLOW_DURATION_MILLISECONDS, Element.FLOW_DURATION_MICROSECONDS);

    private Directions() {}

    /** By field, the element that it is in the forward direction. */
    static int[] forward(Template template) {
        int[] elements = template.elements.clone();
        if (isInitiatorCounted(template)) {
            for (int i = 0; i < elements.length; i++) {
                elements[i] =
                        switch (elements[i]) {
                            case Element.INITIATOR_OCTETS -> Element.OCTET_DELTA_COUNT;
                            case Element.INITIATOR_PACKETS -> Element.PACKET_DELTA_COUNT;
                            default -> elements[i];
                        };
            }
        }
        return elements;
    }

    /** By field, the element that it is in the reverse direction; null when there is none. */
    static int @Nullable [] reverse(Template template) {
        boolean responder =
                isInitiatorCounted(template)
                        && (template.field(Element.RESPONDER_OCTETS) >= 0
                                || template.field(Element.RESPONDER_PACKETS) >= 0);
        boolean reverse = COUNTERS.stream().anyMatch(n -> hasReverse(template, n));
        if (!responder && !reverse) {
            return null;
        }
        return Arrays.stream(template.elements)
                .map(element -> reverse(template, element, responder))
                .toArray();
    }

    private static boolean isInitiatorCounted(Template template) {
        return !template.options
                && COUNTERS.stream().noneMatch(counter -> template.field(counter) >= 0);
    }

    private static boolean hasReverse(Template template, int element) {
        return template.field(Template.REVERSE + element) >= 0;
    }

    private static int reverse(Template template, int element, boolean responder) {
        if (element >= Template.REVERSE) {
            return element - Template.REVERSE;
        }
        if (responder && element == Element.RESPONDER_OCTETS) {
            return Element.OCTET_DELTA_COUNT;
        }
        if (responder && element == Element.RESPONDER_PACKETS) {
            return Element.PACKET_DELTA_COUNT;
        }
        int swapped = swapped(element);
        return isReplaced(template, swapped) ? Template.FOREIGN : swapped;
    }

    // Counters are of one direction alone, and so is the next hop; what else has a reverse element
    // of its own, or times of its own, does not take over what is said of the forward direction.
    private static boolean isReplaced(Template template, int element) {
        return COUNTERS.contains(element)
                || element == Element.IP_NEXT_HOP_IPV4_ADDRESS
                || element == Element.IP_NEXT_HOP_IPV6_ADDRESS
                || element >= 0 && hasReverse(template, element)
                || isReplaced(template, element, STARTS)
                || isReplaced(template, element, ENDS)
                || DURATIONS.contains(element) && (any(template, STARTS) || any(template, ENDS));
    }

    private static boolean isReplaced(Template template, int element, Set<Integer> kin) {
        return kin.contains(element) && any(template, kin);
    }

    private static boolean any(Template template, Set<Integer> elements) {
        return elements.stream().anyMatch(element -> hasReverse(template, element));
    }

    /** The element that has the same meaning seen from the other end (RFC 5103 §6). */
    private static int swapped(int element) {
        return switch (element) {
            case Element.SOURCE_IPV4_ADDRESS -> Element.DESTINATION_IPV4_ADDRESS;
            case Element.DESTINATION_IPV4_ADDRESS -> Element.SOURCE_IPV4_ADDRESS;
            case Element.SOURCE_IPV6_ADDRESS -> Element.DESTINATION_IPV6_ADDRESS;
            case Element.DESTINATION_IPV6_ADDRESS -> Element.SOURCE_IPV6_ADDRESS;
            case Element.SOURCE_IPV4_PREFIX_LENGTH -> Element.DESTINATION_IPV4_PREFIX_LENGTH;
            case Element.DESTINATION_IPV4_PREFIX_LENGTH -> Element.SOURCE_IPV4_PREFIX_LENGTH;
            case Element.SOURCE_IPV6_PREFIX_LENGTH -> Element.DESTINATION_IPV6_PREFIX_LENGTH;
            case Element.DESTINATION_IPV6_PREFIX_LENGTH -> Element.SOURCE_IPV6_PREFIX_LENGTH;
            case Element.SOURCE_TRANSPORT_PORT -> Element.DESTINATION_TRANSPORT_PORT;
            case Element.DESTINATION_TRANSPORT_PORT -> Element.SOURCE_TRANSPORT_PORT;
            case Element.INGRESS_INTERFACE -> Element.EGRESS_INTERFACE;
            case Element.EGRESS_INTERFACE -> Element.INGRESS_INTERFACE;
            case Element.BGP_SOURCE_AS_NUMBER -> Element.BGP_DESTINATION_AS_NUMBER;
            case Element.BGP_DESTINATION_AS_NUMBER -> Element.BGP_SOURCE_AS_NUMBER;
            default -> element;
        };
    }
}
