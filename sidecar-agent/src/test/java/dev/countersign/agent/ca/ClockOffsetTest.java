package dev.countersign.agent.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final ClockOffset offset = new ClockOffset();

    @Test
    void isUnknownAndNotTooFarBeforeTheFirstMeasurement() {
        assertThat(offset.current()).isEmpty();
        assertThat(offset.tooFar()).isFalse();
    }

    @Test
    void takesTheServersTimeForTheMiddleOfTheExchange() {
        offset.measured(NOW, NOW.plusSeconds(1), NOW.plusSeconds(2));
        assertThat(offset.current()).contains(Duration.ZERO);

        offset.measured(NOW.plusSeconds(60), NOW, NOW.plusSeconds(60));
        assertThat(offset.current()).contains(Duration.ofMinutes(1));
    }

    @Test
    void isTooFarBeyondFourMinutesEitherWay() {
        offset.measured(NOW, NOW.minusSeconds(240), NOW);
        assertThat(offset.tooFar()).isFalse();
        offset.measured(NOW, NOW.minusSeconds(241), NOW);
        assertThat(offset.tooFar()).isTrue();
        offset.measured(NOW, NOW.plusSeconds(241), NOW);
        assertThat(offset.tooFar()).isTrue();
    }
}
