/**
 * Pure decoders of what exporters send: NetFlow v1, v5, v7, v9 (RFC 3954), IPFIX (RFC 7011) and
 * sFlow version 5, told apart by their first bytes.
 *
 * <p>Constraints: a decoder is a function of its input and of a state that it can write and read
 * ({@link io.narwhal.wire.FlowDecoder#snapshot}); it knows no clock, disk or socket. Bad bytes are
 * an outcome that the books count, never an exception. Templates, sampling rates and sequence
 * numbers belong to one (source address, source port, transport, version, domain), are never
 * shared, and end with a transport session where there is one; of sFlow to one (source address,
 * agent, sub-agent), with no more than 4,096 data sources. Per datagram and per record nothing is
 * allocated: a template is compiled once into a {@link io.narwhal.wire.Plan} of column loops, one
 * pass over a set for each wanted column (24 records of 20 columns take about 2 µs). A new
 * template, held data and a refusal do allocate, within {@link io.narwhal.wire.DecoderLimits}.
 *
 * <p>A {@link io.narwhal.wire.RecordWitness} sees records whole, every field by its name in the
 * {@link io.narwhal.wire.Registry}; that does allocate, and is there for people who look, not for
 * accounting. Lists are followed 4 deep and to 256 items a record, an exporter teaches at most
 * 1,024 elements and 8,192 applications.
 *
 * <p>Never here: scaling by a sampling rate, lookups, aggregation, guesses. An unknown sampling
 * rate is 0, a record without times has the time of its export.
 */
@NullMarked
package io.narwhal.wire;

import org.jspecify.annotations.NullMarked;
