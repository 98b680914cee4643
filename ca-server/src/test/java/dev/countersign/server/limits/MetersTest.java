package dev.countersign.server.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class MetersTest {
    private final NanoClock clock = new NanoClock();

    @Test
    void aBurstPassesThenTheSteadyRate() {
        Meters<String> meters = new Meters<>(Rate.of(10, 3), 100, clock);

        assertThat(List.of(meters.take("a"), meters.take("a"), meters.take("a"))).containsOnly(0L);
        assertThat(meters.take("a")).isEqualTo(Duration.ofMillis(100).toNanos());
        clock.advance(Duration.ofMillis(100));
        assertThat(meters.take("a")).isZero();
        assertThat(meters.take("a")).isPositive();
    }

    @Test
    void waitingAsToldIsEnough() {
        Meters<String> meters = new Meters<>(Rate.of(3, 1), 100, clock);
        meters.take("a");

        clock.advance(Duration.ofNanos(meters.take("a")));

        assertThat(meters.take("a")).isZero();
    }

    @Test
    void idlenessFillsNoMoreThanTheBurst() {
        Meters<String> meters = new Meters<>(Rate.of(10, 2), 100, clock);
        clock.advance(Duration.ofDays(100));

        assertThat(List.of(meters.take("a"), meters.take("a"))).containsOnly(0L);
        assertThat(meters.take("a")).isPositive();
    }

    @Test
    void keysDoNotTouchEachOther() {
        Meters<String> meters = new Meters<>(Rate.of(1, 1), 100, clock);
        meters.take("a");

        assertThat(meters.take("a")).isPositive();
        assertThat(meters.take("b")).isZero();
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        Meters<String> meters = new Meters<>(Rate.of(1, 1), 100, clock);
        meters.take("a");

        meters.giveBack("a");

        assertThat(meters.take("a")).isZero();
    }

    @Test
    void atTheBoundFullBucketsAreForgotten() {
        Meters<Integer> meters = new Meters<>(Rate.of(1, 1), 10, clock);
        for (int key = 0; key < 10; key++) {
            meters.take(key);
        }
        clock.advance(Duration.ofSeconds(2));

        assertThat(meters.take(10)).isZero();
        assertThat(meters.size()).isEqualTo(1);
    }

    @Test
    void aFloodOfNewKeysSharesOneBucketAndHarmsNoKnownKey() {
        Meters<Integer> meters = new Meters<>(Rate.of(1, 2), 10, clock);
        for (int key = 0; key < 10; key++) {
            meters.take(key);
        }

        long granted = 0;
        for (int stranger = 1_000; stranger < 2_000; stranger++) {
            granted += meters.take(stranger) == 0 ? 1 : 0;
        }

        assertThat(granted).isEqualTo(2);
        assertThat(meters.size()).isEqualTo(10);
        assertThat(meters.take(3)).isZero();
    }

    @Test
    void manyThreadsGetExactlyTheBurst() throws Exception {
        Meters<String> meters = new Meters<>(Rate.of(1, 500), 10, clock);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Integer>> grants = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                grants.add(
                        threads.submit(() -> {
                            start.await();
                            int granted = 0;
                            for (int call = 0; call < 1_000; call++) {
                                granted += meters.take("a") == 0 ? 1 : 0;
                            }
                            return granted;
                        }));
            }
            start.countDown();
        }

        int granted = 0;
        for (Future<Integer> each : grants) {
            granted += each.get();
        }
        assertThat(granted).isEqualTo(500);
    }

    @Test
    void aClockThatWrapsAroundDoesNotMatter() {
        clock.set(Long.MAX_VALUE - 1);
        Meters<String> meters = new Meters<>(Rate.of(1, 1), 10, clock);
        meters.take("a");

        clock.advance(Duration.ofSeconds(1));

        assertThat(meters.take("a")).isZero();
        assertThat(meters.take("a")).isPositive();
    }

    @Test
    void ratesOutOfBoundsAreRefusedWithTheBound() {
        assertThatThrownBy(() -> Rate.of(0, 1)).hasMessageContaining("perSecond: 0.0 (expected:");
        assertThatThrownBy(() -> Rate.of(Double.NaN, 1)).hasMessageContaining("perSecond");
        assertThatThrownBy(() -> Rate.of(1, 0)).hasMessageContaining("burst: 0 (expected:");
    }
}
