package dev.countersign.agent.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpositionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a 1",
                "a 1 1700000000000",
                "a:b_c{} -1.5e+03",
                "a{x=\"1\"} +Inf",
                "a{x=\"1\",} NaN",
                "a { x = \"1\" , y=\"}, \\\"{\\n\" } .5 -1",
                "a{x=\"caf\u00e9\"}\t1",
                "# HELP a what it is",
                "# TYPE a counter",
                "# any remark",
                "#"
            })
    void keepsALineAsItIs(String line) throws MalformedPage {
        assertThat(Exposition.linesOf(line + "\n")).isEqualTo(line + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>",
                "a",
                "a b",
                "1a 1",
                "a{x=\"1\" 1",
                "a{x=1} 1",
                "a{x=\"1} 1",
                "a{x=\"1\\\"} 1",
                "a{1x=\"1\"} 1",
                "a{x:y=\"1\"} 1",
                "a{x=\"1\"y=\"2\"} 1",
                "a 1 2 3",
                "a 1 soon",
                "a 1\r",
                "\r",
                "a 0x1",
                "# TYPE a",
                "# TYPE a stateset",
                "# TYPE 1a counter",
                "# HELP"
            })
    void refusesALineThatWouldCostThePage(String line) {
        assertThatThrownBy(() -> Exposition.linesOf("good 1\n" + line + "\n"))
                .isInstanceOf(MalformedPage.class)
                .hasMessageStartingWith("line 2: ");
    }

    @Test
    void leavesOutWhatIsSaidUnderOurNames() throws MalformedPage {
        String page =
                """
                # TYPE countersign_requests_total counter
                countersign_requests_total{source_principal="admin"} 1
                # HELP countersign_x y
                 countersign_x 2
                my_countersign_total 3
                """;

        assertThat(Exposition.linesOf(page)).isEqualTo("my_countersign_total 3\n");
    }

    @Test
    void endsALastLineThatHasNoEnd() throws MalformedPage {
        assertThat(Exposition.linesOf("a 1\n\nb 2")).isEqualTo("a 1\n\nb 2\n");
        assertThat(Exposition.linesOf("")).isEmpty();
    }
}
