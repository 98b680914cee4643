package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private static final Duration FLOOR = Duration.ofMillis(100);
    private static final Duration CEILING = Duration.ofSeconds(5);

    @Test
    void eachWaitIsDrawnFromTheUpperHalfOfADoublingOne() {
        Backoff backoff = new Backoff(FLOOR, CEILING, new Random(1));
        long full = FLOOR.toMillis();
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.next().toMillis()).isBetween(full / 2, full);
            full = Math.min(full * 2, CEILING.toMillis());
        }
    }

    @Test
    void successStartsOver() {
        Backoff backoff = new Backoff(FLOOR, CEILING, new Random(1));
        for (int i = 0; i < 10; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(FLOOR);
    }

    @Test
    void manyWhoFailTogetherDoNotComeBackTogether() {
        List<Duration> waits = new ArrayList<>();
        for (int seed = 0; seed < 20; seed++) {
            waits.add(new Backoff(CEILING, CEILING, new Random(seed)).next());
        }
        assertThat(waits.stream().distinct().count()).isGreaterThan(10);
    }

    @Test
    void refusesBoundsThatDoNotFit() {
        assertThatThrownBy(() -> new Backoff(CEILING, CEILING.minusMillis(1), new Random(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, FLOOR, new Random(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
