package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The registry that comes with Narwhal, as a file and as what it answers. */
class RegistryTest {
    private static final Path FOLDER = Path.of("src/main/resources/io/narwhal/wire");

    private static List<String[]> rows(String file) throws IOException {
        return Files.readAllLines(FOLDER.resolve(file)).stream()
                .filter(line -> !line.startsWith("#"))
                .skip(1)
                .map(line -> line.split(",", -1))
                .toList();
    }

    @Test
    void theFileOfIanasElementsIsSortedUniqueAndOfKnownWords() throws IOException {
        Set<String> semantics =
                Set.of(
                        "default",
                        "quantity",
                        "totalCounter",
                        "deltaCounter",
                        "identifier",
                        "flags",
                        "list",
                        "snmpCounter",
                        "snmpGauge");
        Set<String> names = new HashSet<>();
        int before = 0;
        for (String[] row : rows("elements-iana.csv")) {
            assertThat(row).hasSize(6);
            int number = Integer.parseInt(row[0]);
            assertThat(number).isGreaterThan(before).isLessThan(0x8000);
            assertThat(row[1]).matches("[A-Za-z][A-Za-z0-9]*");
            assertThat(names.add(row[1])).as(row[1]).isTrue();
            assertThat(ElementType.of(row[2])).as(row[2]).isPresent();
            assertThat(semantics).contains(row[3]);
            assertThat(row[4]).isIn("current", "deprecated");
            assertThat(row[5]).doesNotContain("\"").isEqualTo(row[5].strip());
            before = number;
        }
        assertThat(names).hasSize(502);
    }

    @Test
    void wellKnownElementsAreWhatTheyAre() throws IOException {
        assertThat(Files.readAllLines(FOLDER.resolve("elements-iana.csv")))
                .contains(
                        "1,octetDeltaCount,unsigned64,deltaCounter,current,octets",
                        "6,tcpControlBits,unsigned16,flags,current,",
                        "8,sourceIPv4Address,ipv4Address,default,current,",
                        "34,samplingInterval,unsigned32,quantity,deprecated,packets",
                        "56,sourceMacAddress,macAddress,default,current,",
                        "82,interfaceName,string,default,current,",
                        "95,applicationId,octetArray,default,current,",
                        "136,flowEndReason,unsigned8,identifier,current,",
                        "154,flowStartMicroseconds,dateTimeMicroseconds,default,current,microseconds",
                        "209,tcpOptions,unsigned64,flags,deprecated,",
                        "276,dataRecordsReliability,boolean,default,current,",
                        "291,basicList,basicList,list,current,",
                        "311,samplingProbability,float64,quantity,current,",
                        "520,tcpOptionsFull,unsigned256,flags,current,");
    }

    @Test
    void theFileOfVendorsIsSortedAndEveryVendorHasASource() throws IOException {
        long before = 0;
        for (String[] row : rows("elements-vendors.csv")) {
            long key = Registry.key(Long.parseLong(row[0]), Integer.parseInt(row[1]));
            assertThat(key).isGreaterThan(before);
            before = key;
        }
        String above = "";
        String enterprise = "";
        for (String line : Files.readAllLines(FOLDER.resolve("elements-vendors.csv"))) {
            String of = line.replaceFirst(",.*", "");
            if (!line.startsWith("#") && !of.equals(enterprise)) {
                assertThat(above).as(line).startsWith("#");
                enterprise = of;
            }
            above = line;
        }
    }

    @Test
    void everyElementThatTheDecoderReadsIsRegistered() throws ReflectiveOperationException {
        for (var constant : Element.class.getDeclaredFields()) {
            if (!constant.getName().startsWith("SCOPE_")) {
                String name = registered(constant.getInt(null));
                assertThat(name.replaceAll("[^A-Za-z0-9]", ""))
                        .isEqualToIgnoringCase(constant.getName().replace("_", ""));
            }
        }
    }

    private static String registered(int number) {
        return Registry.shipped().find(0, number, null).name();
    }

    @Test
    void reverseElementsAreThoseOfIanaWithAnotherName() {
        assertThat(Registry.shipped().find(29305, 1, null))
                .isEqualTo(new Registry.Named("reverseOctetDeltaCount", ElementType.UNSIGNED64));
        assertThat(Registry.shipped().find(29305, 295, null).name()).isEqualTo("reverseIPSecSPI");
    }

    @Test
    void ofTwoTablesTheLaterCounts() {
        Registry registry =
                Registry.shipped().with(List.of(table("9,1,a,string"), table("9,1,b,string")));

        assertThat(registry.find(9, 1, null).name()).isEqualTo("b");
        assertThat(registry.find(9, 2, null).name()).isEqualTo("enterprise9element2");
    }

    @Test
    void theConfigurationCountsMoreThanTheExporterAndTheExporterMoreThanTheVendorsList() {
        var told = new Vocabulary();
        assertThat(told.learnElement(Registry.key(6876, 950), string("told"))).isTrue();
        assertThat(told.learnElement(Registry.key(6876, 951), string("told2"))).isTrue();
        Registry registry = Registry.shipped().with(List.of(table("6876,951,ours,string")));

        assertThat(registry.find(6876, 950, null).name()).isEqualTo("ruleId");
        assertThat(registry.find(6876, 950, told).name()).isEqualTo("told");
        assertThat(registry.find(6876, 951, told).name()).isEqualTo("ours");
    }

    @Test
    void anExporterTeachesAsManyWordsAsItMay() {
        var told = new Vocabulary();
        for (int i = 1; i <= Vocabulary.ELEMENTS_MAX; i++) {
            assertThat(told.learnElement(Registry.key(9, i), string("e" + i))).isTrue();
        }
        for (int i = 0; i <= Vocabulary.APPLICATIONS_MAX; i++) {
            told.learnApplication("3:" + i, "a" + i);
        }

        assertThat(told.learnElement(Registry.key(10, 1), string("more"))).isFalse();
        assertThat(told.learnElement(Registry.key(9, 1), string("other"))).isTrue();
        assertThat(told.learnElement(Registry.key(9, 1), string("other"))).isFalse();
        assertThat(told.learnElement(Registry.key(9, 1), string("x".repeat(201)))).isFalse();
        assertThat(told.application("3:" + (Vocabulary.APPLICATIONS_MAX - 1))).isNotNull();
        assertThat(told.application("3:" + Vocabulary.APPLICATIONS_MAX)).isNull();
        told.learnApplication("3:1", "again");
        assertThat(told.application("3:1")).isEqualTo("again");
    }

    private static Registry.Named string(String name) {
        return new Registry.Named(name, ElementType.STRING);
    }

    private static ElementTable table(String row) {
        String csv = "enterprise,element,name,type\n" + row + "\n";
        var read = ElementTable.read("t.csv", csv.getBytes(StandardCharsets.UTF_8));
        return ((ElementTable.Outcome.Loaded) read).table();
    }
}
