package dev.countersign.agent.svid;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final long SECOND = 1_000_000_000L;

    private final Deadline deadline = Deadline.in(Duration.ofSeconds(100), NOW, 7);

    @Test
    void passesWhenBothClocksRan() {
        assertThat(deadline.passed(NOW.plusSeconds(99), 7 + 99 * SECOND)).isFalse();
        assertThat(deadline.passed(NOW.plusSeconds(100), 7 + 100 * SECOND)).isTrue();
    }

    @Test
    void passesWhenTheMachineSleptAndOnlyTheWallClockRan() {
        assertThat(deadline.passed(NOW.plusSeconds(5000), 7)).isTrue();
    }

    @Test
    void aClockSetBackPutsNothingOff() {
        assertThat(deadline.passed(NOW.minusSeconds(5000), 7 + 100 * SECOND)).isTrue();
    }

    @Test
    void aMomentInThePastHasPassed() {
        assertThat(Deadline.at(NOW.minusSeconds(1), NOW, 7).passed(NOW, 7)).isTrue();
    }
}
