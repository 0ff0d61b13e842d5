package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The program that makes the registry's file anew from IANA's. */
class RefreshRegistryTest {
    private static final Path SHIPPED =
            Path.of("src/main/resources/io/narwhal/wire/elements-iana.csv");
    private static final String HEADER =
            "ElementID,Name,Abstract Data Type,Data Type Semantics,Status,Description,Units,Range,"
                    + "Additional Information,Reference,Revision,Date\r\n";

    @TempDir private Path directory;

    private record Run(int code, String out, String err) {}

    @Test
    void ianasFileBecomesOurs() throws Exception {
        Run run =
                refresh(
                        HEADER
                                + "0,Reserved,,,,,,,,[RFC5102],,2013-02-18\r\n"
                                + "2,packetDeltaCount,unsigned64,deltaCounter,current,\"Packets,"
                                + " \"\"all\"\"\nof them.\",packets,,,[RFC5102],0,2013-02-18\r\n"
                                + "1,octetDeltaCount,unsigned64,,,,octets,,,,0,2026-09-11\r\n"
                                + "56,sourceMacAddress,macAddress,,deprecated,,,,,,0,2014-01-11\r\n"
                                + "97,Assigned for NetFlow v9 compatibility,octetArray,,,,,,,,,\r\n"
                                + "105-127,Assigned for NetFlow v9 compatibility,,,,,,,,,,\r\n"
                                + "534-32767,Unassigned,,,,,,,,,,");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out().lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "number,name,type,semantics,status,units",
                        "1,octetDeltaCount,unsigned64,quantity,current,octets",
                        "2,packetDeltaCount,unsigned64,deltaCounter,current,packets",
                        "56,sourceMacAddress,macAddress,default,deprecated,");
        assertThat(run.out()).contains("as of 2026-09-11.\n");
    }

    @Test
    void whatIsShippedStaysAsItIs() throws Exception {
        List<String> shipped = Files.readAllLines(SHIPPED);
        String asIanas =
                shipped.stream()
                        .filter(line -> !line.startsWith("#"))
                        .skip(1)
                        .map(line -> line.split(",", -1))
                        .map(
                                row ->
                                        String.join(",", row[0], row[1], row[2], row[3], row[4])
                                                + ",\"What, it\nis\","
                                                + row[5]
                                                + ",,,,0,2026-09-11\n")
                        .collect(Collectors.joining("", HEADER, ""));

        assertThat(refresh(asIanas).out()).isEqualTo(String.join("\n", shipped) + "\n");
    }

    @Test
    void anotherFileIsRefused() throws Exception {
        Run other = refresh("prefix,customer\n192.0.2.0/24,Ann\n");
        Run cut = refresh(HEADER + "1,octetDeltaCount,unsigned64,,current,\"cut");

        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err())
                .endsWith("no column 'ElementID'; its first row is prefix,customer\n");
        assertThat(cut.code()).isEqualTo(1);
        assertThat(cut.err()).endsWith("it ends within quotes; is it whole?\n");
        assertThat(cut.out()).isEmpty();
    }

    private Run refresh(String csv) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("iana.csv"), csv);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path err = directory.resolve("err");
        Process process =
                new ProcessBuilder(java.toString(), "build/RefreshRegistry.java", file.toString())
                        .redirectError(err.toFile())
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, Files.readString(err));
    }
}
