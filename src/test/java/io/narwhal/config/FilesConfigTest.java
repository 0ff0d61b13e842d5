package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.LineMapping;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

/** Which names of files are wanted. */
class FilesConfigTest {
    @ParameterizedTest
    @CsvSource({
        "*,a,true",
        "*.csv,a.csv,true",
        "*.csv,a.csv.gz,false",
        "*.csv*,a.csv.gz,true",
        "cdr-??-*.csv,cdr-07-x.csv,true",
        "cdr-??-*.csv,cdr-7-x.csv,false",
        "a*b*c,aXbXbXc,true",
        "a*b*c,aXbXbX,false",
        "a.csv,aXcsv,false",
        "*,.hidden,false",
        "*,a.part,false",
        "*,a.csv~,false",
    })
    void namesAreLikeThePattern(String pattern, String name, boolean wanted) {
        var mapping = new LineMapping(LineMapping.Format.CSV, ',', '"', true, List.of());
        var config = new FilesConfig(Path.of("/in"), pattern, mapping, List.of(), 1, false, 1, 1);

        assertThat(config.wants(name)).isEqualTo(wanted);
    }
}
