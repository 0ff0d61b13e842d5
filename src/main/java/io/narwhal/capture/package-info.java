/**
 * Files of captured traffic and of records, read into the datagrams that a collector would have
 * received: pcap, pcapng and IPFIX files (RFC 5655), gzip'd or not.
 *
 * <p>Constraints: memory does not grow with the file: one packet of at most 1 MiB, at most 256
 * datagrams of 16 MiB together that wait for fragments. Every packet of a file has exactly one
 * {@link io.narwhal.capture.Fate}. The same bytes and the same choice give the same datagrams in
 * the same order, always: whoever was interrupted goes on by counting. Bad bytes end the reading
 * with their place; what stands before them is whole. This room decodes no flow record and never
 * writes.
 */
@NullMarked
package io.narwhal.capture;

import org.jspecify.annotations.NullMarked;
