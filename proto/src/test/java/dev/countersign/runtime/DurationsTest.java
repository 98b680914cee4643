package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "250ms,PT0.25S",
        "15s,PT15S",
        "5m,PT5M",
        "24h,PT24H",
        "10d,PT240H",
        "1h30m,PT1H30M",
        "PT5M,PT5M",
        "pt1h,PT1H"
    })
    void readsWhatPeopleWrite(String text, Duration expected) {
        assertThat(Durations.parse(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "m", "5 m", "5x", "1.5h", "30m1h", "-", "99999999999999999999s"})
    void refusesWhatIsNotADuration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"250ms", "15s", "90s", "5m", "36h", "2d", "0s"})
    void printsTheShortestExactForm(String text) {
        assertThat(Durations.parse(text).map(Durations::text)).contains(text);
    }
}
