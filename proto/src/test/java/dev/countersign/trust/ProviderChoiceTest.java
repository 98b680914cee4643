package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.trust.ProviderChoice.Mode;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProviderChoiceTest {
    private static final Provider JDK = Security.getProvider("SunEC");
    private static final Provider FAST = Security.getProvider("SunRsaSign");
    private static final Duration SPAN = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may overflow
    private final AtomicInteger loads = new AtomicInteger();
    private final List<Runnable> beside = new ArrayList<>();
    private Optional<Provider> loadable = Optional.of(FAST);

    @Test
    void atFirstUseItIsLoadedOnceAndUsed() {
        ProviderChoice choice = choice(Mode.NATIVE);

        uses(choice, 10);

        assertThat(choice.current()).isSameAs(FAST);
        assertThat(choice.isNative()).isTrue();
        assertThat(loads).hasValue(1);
    }

    @Test
    void whereItCannotBeLoadedTheJdkComputes() {
        loadable = Optional.empty();

        ProviderChoice choice = choice(Mode.NATIVE);

        assertThat(choice.current()).isSameAs(JDK);
        assertThat(choice.isNative()).isFalse();
    }

    @Test
    void withoutDemandTheJdkComputesForever() {
        ProviderChoice choice = choice(Mode.WHEN_BUSY);

        for (int i = 0; i < 100; i++) {
            uses(choice, 3);
            nanos.addAndGet(SPAN.toNanos() + 1);
        }

        assertThat(choice.current()).isSameAs(JDK);
        assertThat(beside).isEmpty();
    }

    @Test
    void demandLoadsItBesideTheWorkAndOnlyOnce() {
        ProviderChoice choice = choice(Mode.WHEN_BUSY);

        uses(choice, 100);

        assertThat(beside).hasSize(1);
        assertThat(choice.current()).as("while it loads").isSameAs(JDK);
        beside.getFirst().run();
        assertThat(choice.current()).isSameAs(FAST);
        uses(choice, 100);
        assertThat(loads).hasValue(1);
    }

    @Test
    void aLoadThatFailedIsNotTriedAgain() {
        loadable = Optional.empty();
        ProviderChoice choice = choice(Mode.WHEN_BUSY);

        uses(choice, 4);
        beside.getFirst().run();
        uses(choice, 100);

        assertThat(beside).hasSize(1);
        assertThat(choice.current()).isSameAs(JDK);
    }

    @Test
    void whoSaysJdkGetsTheJdk() {
        ProviderChoice choice = choice(Mode.JDK);

        uses(choice, 1000);

        assertThat(choice.current()).isSameAs(JDK);
        assertThat(loads).hasValue(0);
    }

    @ParameterizedTest
    @CsvSource({"jdk, JDK", "when-busy, WHEN_BUSY", "native, NATIVE", ", NATIVE"})
    void theSettingNamesTheMode(String setting, Mode mode) {
        assertThat(Mode.of(setting)).isEqualTo(mode);
    }

    private ProviderChoice choice(Mode mode) {
        return new ProviderChoice(
                mode,
                JDK,
                () -> {
                    loads.incrementAndGet();
                    return loadable;
                },
                new Demand(4, SPAN, nanos::get),
                beside::add);
    }

    private static void uses(ProviderChoice choice, int times) {
        for (int i = 0; i < times; i++) {
            choice.used();
        }
    }
}
