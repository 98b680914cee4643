package dev.countersign.agent.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceParentTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @Test
    void readsItsPartsAndTheSampledFlag() {
        assertThat(TraceParent.of(List.of("00-" + TRACE + "-" + PARENT + "-01")))
                .contains(new TraceParent(TRACE, PARENT, true));
        assertThat(TraceParent.of(List.of("00-" + TRACE + "-" + PARENT + "-02")))
                .contains(new TraceParent(TRACE, PARENT, false));
    }

    @Test
    void readsOfANewerVersionWhatItKnows() {
        assertThat(TraceParent.of(List.of("cc-" + TRACE + "-" + PARENT + "-01-more")))
                .contains(new TraceParent(TRACE, PARENT, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
                "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
                " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            })
    void isNotReadWhereItIsWrittenDifferently(String text) {
        assertThat(TraceParent.of(List.of(text))).isEmpty();
    }

    @Test
    void severalAreNone() {
        String one = "00-" + TRACE + "-" + PARENT + "-01";
        assertThat(TraceParent.of(List.of(one, one))).isEmpty();
        assertThat(TraceParent.of(List.of())).isEmpty();
    }

    @FuzzTest(maxDuration = "10s")
    void onlyWhatIsWrittenBackTheSameIsRead(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        TraceParent.of(List.of(text))
                .ifPresent(read ->
                        assertThat(text.substring(2))
                                .startsWith("-" + read.traceId() + "-" + read.parentId() + "-"));
    }
}
