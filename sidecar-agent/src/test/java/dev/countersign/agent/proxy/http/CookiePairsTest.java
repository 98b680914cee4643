package dev.countersign.agent.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testing.Cases;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class CookiePairsTest {
    private static final String[] PIECES = {
        "t=1", "t=", "t", " t =2", "a=1", "tt=1", "T=1", "", " "
    };

    static Stream<Long> seeds() {
        return Cases.seeds(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "t=x|\"\"",
                "t=x; a=1|a=1",
                "a=1; t=x|a=1",
                "a=1; t=x; b=2|a=1; b=2",
                "a=1;t=x;b=2|a=1;b=2",
                "t=x;a=1;b=2|a=1;b=2",
                "t=1; t=2; a=1; t=3|a=1",
                "a=\"t=x\"; t=y|a=\"t=x\"",
                "t =x; a=1|a=1",
                "tt=x; T=x; t|tt=x; T=x; t",
                "a=1|a=1",
            })
    void thePairsOfOneNameGoAndTheRestStaysAsItWas(String value, String left) {
        assertThat(without(value)).isEqualTo(left);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverStandsBetweenSemicolonsOnlyPairsOfTheNameGo(long seed) {
        Cases cases = new Cases(seed);
        for (int round = 0; round < 100; round++) {
            List<String> pieces = new ArrayList<>();
            for (int i = cases.between(0, 6); i > 0; i--) {
                pieces.add(PIECES[cases.between(0, PIECES.length - 1)]);
            }
            String value = String.join(";", pieces);

            List<String> left = kept(without(value));

            assertThat(left).as(value).isEqualTo(kept(value));
        }
    }

    /** What an application reads of it, the pairs of the name left out. */
    private static List<String> kept(String value) {
        return Stream.of(value.split(";", -1))
                .map(String::strip)
                .filter(pair -> !pair.isEmpty() && !pair.matches("t *=.*"))
                .toList();
    }

    private static String without(String value) {
        byte[] bytes = ("Cookie: " + value + "\r\n").getBytes(StandardCharsets.US_ASCII);
        int start = "Cookie: ".length();
        int end = CookiePairs.without(bytes, start, start + value.length(), "t");
        return new String(bytes, start, end - start, StandardCharsets.US_ASCII);
    }
}
