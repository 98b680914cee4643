package dev.countersign.agent.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.ca.RefreshWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RenewalScheduleTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @Test
    void renewsInsideTheServersWindow() {
        for (RandomGenerator random : seeds()) {
            Instant from = NOW.plusSeconds(1800);
            Instant to = NOW.plusSeconds(2400);

            Instant at =
                    new RenewalSchedule(random)
                            .renewAt(new RefreshWindow(from, to), NOW, NOW.plusSeconds(3600));

            assertThat(at).isBetween(from, to);
        }
    }

    @Test
    void replacesAWindowThatLeavesTheLife() {
        Instant notAfter = NOW.plusSeconds(1000);
        RefreshWindow[] useless = {
            new RefreshWindow(NOW.minusSeconds(50), NOW.plusSeconds(100)),
            new RefreshWindow(NOW.plusSeconds(900), NOW.plusSeconds(2000)),
            new RefreshWindow(NOW.plusSeconds(600), NOW.plusSeconds(500)),
            new RefreshWindow(Instant.EPOCH, Instant.EPOCH),
        };
        for (RandomGenerator random : seeds()) {
            for (RefreshWindow window : useless) {
                assertThat(new RenewalSchedule(random).renewAt(window, NOW, notAfter))
                        .as("%s", window)
                        .isBetween(NOW.plusSeconds(500), NOW.plusSeconds(800));
            }
        }
    }

    @Test
    void triesAgainDenserTowardsExpiryAndManyTimesBeforeIt() {
        Duration life = Duration.ofHours(1);
        for (RandomGenerator random : seeds()) {
            RenewalSchedule schedule = new RenewalSchedule(random);
            Duration remaining = Duration.ofMinutes(21);
            int tries = 0;
            while (remaining.isPositive()) {
                Duration wait = schedule.retryAfter(remaining, life, Optional.empty());
                double part = (double) wait.toNanos() / remaining.toNanos();
                boolean atFloor = wait.equals(RenewalSchedule.FLOOR);
                assertThat(atFloor || (part >= 0.26 && part <= 0.34)).as("%s", wait).isTrue();
                assertThat(wait).isGreaterThanOrEqualTo(RenewalSchedule.FLOOR);
                remaining = remaining.minus(wait);
                tries++;
            }
            assertThat(tries).isBetween(8, 20);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 15, 60, 300, 3600, 86_400})
    void theFloorShrinksWithShortLives(long seconds) {
        Duration floor = RenewalSchedule.floor(Duration.ofSeconds(seconds));

        assertThat(floor).isLessThanOrEqualTo(RenewalSchedule.FLOOR);
        assertThat(floor).isLessThanOrEqualTo(Duration.ofSeconds(seconds).dividedBy(10));
        assertThat(floor).isGreaterThanOrEqualTo(RenewalSchedule.SHORTEST);
    }

    @Test
    void obeysTheServersWishButNeverIntoExpiry() {
        Duration life = Duration.ofHours(1);
        Duration remaining = Duration.ofMinutes(10);
        for (RandomGenerator random : seeds()) {
            RenewalSchedule schedule = new RenewalSchedule(random);

            Duration obeyed =
                    schedule.retryAfter(remaining, life, Optional.of(Duration.ofMinutes(5)));
            Duration cut = schedule.retryAfter(remaining, life, Optional.of(Duration.ofDays(1)));

            assertThat(obeyed).isBetween(Duration.ofSeconds(270), Duration.ofSeconds(330));
            assertThat(cut).isEqualTo(Duration.ofMinutes(7));
        }
    }

    private static RandomGenerator[] seeds() {
        RandomGenerator[] seeds = new RandomGenerator[200];
        for (int seed = 0; seed < seeds.length; seed++) {
            seeds[seed] = new SplittableRandom(seed);
        }
        return seeds;
    }
}
