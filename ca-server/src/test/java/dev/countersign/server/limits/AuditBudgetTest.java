package dev.countersign.server.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AuditBudgetTest {
    private final NanoClock clock = new NanoClock();
    private final AuditBudget budget = new AuditBudget(clock);

    @Test
    void tenEntriesAtOnceAndThenOneAMinute() {
        assertThat(taken("mallory", 100)).isEqualTo(10);

        clock.advance(Duration.ofSeconds(59));
        assertThat(budget.take("mallory")).isFalse();
        clock.advance(Duration.ofSeconds(2));
        assertThat(taken("mallory", 100)).isOne();
    }

    @Test
    void oneCallersRefusalsDoNotHideAnothers() {
        taken("mallory", 100);

        assertThat(budget.take("eve")).isTrue();
    }

    private long taken(String caller, int tries) {
        return IntStream.range(0, tries).filter(i -> budget.take(caller)).count();
    }
}
