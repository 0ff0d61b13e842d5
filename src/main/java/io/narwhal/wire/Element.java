package io.narwhal.wire;

/** Numbers of the information elements that we read (IANA IPFIX registry; RFC 7012). */
final class Element {
    static final int OCTET_DELTA_COUNT = 1;
    static final int PACKET_DELTA_COUNT = 2;
    static final int PROTOCOL_IDENTIFIER = 4;
    static final int IP_CLASS_OF_SERVICE = 5;
    static final int TCP_CONTROL_BITS = 6;
    static final int SOURCE_TRANSPORT_PORT = 7;
    static final int SOURCE_IPV4_ADDRESS = 8;
    static final int SOURCE_IPV4_PREFIX_LENGTH = 9;
    static final int INGRESS_INTERFACE = 10;
    static final int DESTINATION_TRANSPORT_PORT = 11;
    static final int DESTINATION_IPV4_ADDRESS = 12;
    static final int DESTINATION_IPV4_PREFIX_LENGTH = 13;
    static final int EGRESS_INTERFACE = 14;
    static final int IP_NEXT_HOP_IPV4_ADDRESS = 15;
    static final int BGP_SOURCE_AS_NUMBER = 16;
    static final int BGP_DESTINATION_AS_NUMBER = 17;
    static final int FLOW_END_SYS_UP_TIME = 21;
    static final int FLOW_START_SYS_UP_TIME = 22;
    static final int SOURCE_IPV6_ADDRESS = 27;
    static final int DESTINATION_IPV6_ADDRESS = 28;
    static final int SOURCE_IPV6_PREFIX_LENGTH = 29;
    static final int DESTINATION_IPV6_PREFIX_LENGTH = 30;
    static final int ICMP_TYPE_CODE_IPV4 = 32;
    static final int SAMPLING_INTERVAL = 34;
    static final int SAMPLER_ID = 48;
    static final int SAMPLER_RANDOM_INTERVAL = 50;
    static final int VLAN_ID = 58;
    static final int IP_NEXT_HOP_IPV6_ADDRESS = 62;
    static final int OCTET_TOTAL_COUNT = 85;
    static final int PACKET_TOTAL_COUNT = 86;
    static final int APPLICATION_ID = 95;
    static final int APPLICATION_NAME = 96;
    static final int EXPORTER_IPV4_ADDRESS = 130;
    static final int EXPORTER_IPV6_ADDRESS = 131;
    static final int FLOW_END_REASON = 136;
    static final int ICMP_TYPE_CODE_IPV6 = 139;
    static final int TEMPLATE_ID = 145;
    static final int FLOW_ID = 148;
    static final int FLOW_START_SECONDS = 150;
    static final int FLOW_END_SECONDS = 151;
    static final int FLOW_START_MILLISECONDS = 152;
    static final int FLOW_END_MILLISECONDS = 153;
    static final int FLOW_START_MICROSECONDS = 154;
    static final int FLOW_END_MICROSECONDS = 155;
    static final int FLOW_START_NANOSECONDS = 156;
    static final int FLOW_END_NANOSECONDS = 157;
    static final int FLOW_START_DELTA_MICROSECONDS = 158;
    static final int FLOW_END_DELTA_MICROSECONDS = 159;
    static final int SYSTEM_INIT_TIME_MILLISECONDS = 160;
    static final int FLOW_DURATION_MILLISECONDS = 161;
    static final int FLOW_DURATION_MICROSECONDS = 162;
    static final int INITIATOR_OCTETS = 231;
    static final int RESPONDER_OCTETS = 232;
    static final int INITIATOR_PACKETS = 298;
    static final int RESPONDER_PACKETS = 299;
    static final int OBSERVATION_TIME_SECONDS = 322;
    static final int OBSERVATION_TIME_MILLISECONDS = 323;
    static final int OBSERVATION_TIME_MICROSECONDS = 324;
    static final int OBSERVATION_TIME_NANOSECONDS = 325;
    static final int LAYER2_OCTET_DELTA_COUNT = 352;
    static final int PADDING_OCTETS = 210;
    static final int SELECTOR_ID = 302;
    static final int INFORMATION_ELEMENT_ID = 303;
    static final int SAMPLING_PACKET_INTERVAL = 305;
    static final int SAMPLING_PACKET_SPACE = 306;
    static final int SAMPLING_SIZE = 309;
    static final int SAMPLING_POPULATION = 310;
    static final int SAMPLING_PROBABILITY = 311;
    static final int INFORMATION_ELEMENT_DATA_TYPE = 339;
    static final int INFORMATION_ELEMENT_NAME = 341;
    static final int PRIVATE_ENTERPRISE_NUMBER = 346;

    /** Of NetFlow v9 scope fields (RFC 3954 §6.1), which are numbered apart from the elements. */
    static final int SCOPE_INTERFACE = 2;

    /** As {@link #SCOPE_INTERFACE}. */
    static final int SCOPE_TEMPLATE = 5;

    private Element() {}
}
