package dev.countersign.agent.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Decision;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DenialOutboxTest {
    private final DenialOutbox outbox = new DenialOutbox();

    @Test
    void handsOutTheOldestFirstInBatchesOfFiveHundred() {
        for (int i = 0; i < 1200; i++) {
            outbox.add(denial("id" + i));
        }

        DenialOutbox.Batch first = outbox.take();
        DenialOutbox.Batch second = outbox.take();
        DenialOutbox.Batch third = outbox.take();

        assertThat(first.denials()).hasSize(500);
        assertThat(first.denials().getFirst().id()).isEqualTo("id0");
        assertThat(second.denials()).hasSize(500);
        assertThat(third.denials()).hasSize(200);
        assertThat(third.denials().getLast().id()).isEqualTo("id1199");
        assertThat(outbox.take().isEmpty()).isTrue();
    }

    @Test
    void dropsTheNewestWhenItIsFullAndSaysHowMany() {
        for (int i = 0; i < DenialOutbox.CAPACITY + 7; i++) {
            outbox.add(denial("id" + i));
        }

        assertThat(outbox.take().dropped()).isEqualTo(7);
        assertThat(outbox.take().dropped()).isZero();
    }

    @Test
    void callsWhenSomethingWaitsWhereNothingDid() {
        AtomicInteger calls = new AtomicInteger();
        outbox.onFirst(calls::incrementAndGet);

        outbox.add(denial("a"));
        outbox.add(denial("b"));
        assertThat(calls).hasValue(1);

        outbox.take();
        outbox.add(denial("c"));
        assertThat(calls).hasValue(2);
    }

    private static Denial denial(String id) {
        return new Denial(
                id,
                Instant.EPOCH,
                1,
                "",
                "",
                Optional.empty(),
                80,
                "tcp",
                "",
                "",
                "",
                new Decision(false, null, null, null, -1, 0, Decision.Reason.NO_POLICY_SOURCE),
                "");
    }
}
