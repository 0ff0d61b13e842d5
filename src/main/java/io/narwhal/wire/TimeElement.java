package io.narwhal.wire;

import java.util.List;

/** An element that tells an absolute time by itself or by the time of the export. */
record TimeElement(int element, TimeForm form) {
    /** Starts of flows, the finest first. */
    static final List<TimeElement> STARTS =
            List.of(
                    new TimeElement(Element.FLOW_START_MILLISECONDS, TimeForm.MILLISECONDS),
                    new TimeElement(Element.FLOW_START_MICROSECONDS, TimeForm.NTP),
                    new TimeElement(Element.FLOW_START_NANOSECONDS, TimeForm.NTP),
                    new TimeElement(Element.FLOW_START_SECONDS, TimeForm.SECONDS),
                    new TimeElement(
                            Element.FLOW_START_DELTA_MICROSECONDS, TimeForm.DELTA_MICROSECONDS));

    /** Times of observation, for records that tell neither start nor end. */
    static final List<TimeElement> OBSERVATIONS =
            List.of(
                    new TimeElement(Element.OBSERVATION_TIME_MILLISECONDS, TimeForm.MILLISECONDS),
                    new TimeElement(Element.OBSERVATION_TIME_MICROSECONDS, TimeForm.NTP),
                    new TimeElement(Element.OBSERVATION_TIME_NANOSECONDS, TimeForm.NTP),
                    new TimeElement(Element.OBSERVATION_TIME_SECONDS, TimeForm.SECONDS));

    /** Ends of flows, in the same order. */
    static final List<TimeElement> ENDS =
            List.of(
                    new TimeElement(Element.FLOW_END_MILLISECONDS, TimeForm.MILLISECONDS),
                    new TimeElement(Element.FLOW_END_MICROSECONDS, TimeForm.NTP),
                    new TimeElement(Element.FLOW_END_NANOSECONDS, TimeForm.NTP),
                    new TimeElement(Element.FLOW_END_SECONDS, TimeForm.SECONDS),
                    new TimeElement(
                            Element.FLOW_END_DELTA_MICROSECONDS, TimeForm.DELTA_MICROSECONDS));
}
