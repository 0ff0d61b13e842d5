package io.narwhal.wire;

import io.narwhal.Distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** What the dissectors of tshark find in datagrams: records, and where each of their fields is. */
final class Tshark {
    private static final int NETFLOW_PORT = 2055;
    private static final int SFLOW_PORT = 6343;

    /** How a record is called: in NetFlow 1, 5 and 7, in version 9 and IPFIX, in sFlow. */
    private static final Pattern RECORD =
            Pattern.compile("pdu \\d+/\\d+|Flow \\d+|(Expanded f|F)low sample, seq \\d+");

    /** A field: its place in the payload, and its bytes as one number. */
    record Place(int at, int bytes, String hex) {}

    /** A record: its place in the payload, and its fields by tshark's names, the first of each. */
    record Found(int at, int bytes, Map<String, Place> fields) {}

    private final Distribution program;

    Tshark(Distribution program) {
        this.program = program;
    }

    /** The records of each datagram, in the order of the datagrams. */
    List<List<Found>> dissect(List<Pcap.Datagram> datagrams, Path directory, boolean sflow)
            throws IOException, XMLStreamException {
        int port = sflow ? SFLOW_PORT : NETFLOW_PORT;
        String dissector = sflow ? "sflow" : "cflow";
        Path pcap = directory.resolve("datagrams.pcap").toAbsolutePath();
        Files.write(pcap, PcapFile.ofDatagrams(datagrams, port));
        Distribution.Result result =
                program.run(
                        directory,
                        "-n",
                        "-r",
                        pcap.toString(),
                        "-d",
                        "udp.port==" + port + "," + dissector,
                        "-J",
                        dissector,
                        "-T",
                        "pdml");
        if (result.exit() != 0) {
            throw new IOException("tshark ended with " + result.exit() + ": " + result.errors());
        }
        try (InputStream in = Files.newInputStream(result.output())) {
            return read(XMLInputFactory.newDefaultFactory().createXMLStreamReader(in));
        } finally {
            Files.delete(result.output());
        }
    }

    private static List<List<Found>> read(XMLStreamReader xml) throws XMLStreamException {
        List<List<Found>> packets = new ArrayList<>();
        Found open = null;
        int openDepth = 0;
        int depth = 0;
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
                String name = xml.getAttributeValue(null, "name");
                if (xml.getLocalName().equals("packet")) {
                    packets.add(new ArrayList<>());
                } else if (open == null && isRecord(name, xml.getAttributeValue(null, "show"))) {
                    open = new Found(at(xml), number(xml, "size"), new HashMap<>());
                    openDepth = depth;
                    packets.getLast().add(open);
                } else if (open != null && xml.getAttributeValue(null, "value") != null) {
                    String hex = xml.getAttributeValue(null, "value");
                    open.fields.putIfAbsent(name, new Place(at(xml), number(xml, "size"), hex));
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                open = depth == openDepth ? null : open;
                depth--;
            }
        }
        return packets;
    }

    private static boolean isRecord(String name, String show) {
        return "".equals(name) && show != null && RECORD.matcher(show).matches();
    }

    private static int at(XMLStreamReader xml) {
        return number(xml, "pos") - PcapFile.HEADERS_BYTES;
    }

    private static int number(XMLStreamReader xml, String attribute) {
        String text = xml.getAttributeValue(null, attribute);
        return text == null ? 0 : Integer.parseInt(text);
    }
}
