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

        DenialOutbox.Batch first = take();
        DenialOutbox.Batch second = take();
        DenialOutbox.Batch third = take();

        assertThat(first.denials()).hasSize(500);
        assertThat(first.denials().getFirst().id()).isEqualTo("id0");
        assertThat(second.denials()).hasSize(500);
        assertThat(third.denials()).hasSize(200);
        assertThat(third.denials().getLast().id()).isEqualTo("id1199");
        assertThat(outbox.next()).isEmpty();
    }

    @Test
    void keepsABatchUntilItIsReceived() {
        outbox.add(denial("a"));
        DenialOutbox.Batch sent = outbox.next().orElseThrow();
        outbox.add(denial("b"));

        assertThat(outbox.next()).as("unchanged").contains(sent);
        outbox.received(sent.sequence() + 1);
        assertThat(outbox.next()).as("another receipt").contains(sent);
        outbox.received(sent.sequence());

        DenialOutbox.Batch next = outbox.next().orElseThrow();
        assertThat(next.denials()).extracting(Denial::id).containsExactly("b");
        assertThat(next.sequence()).isGreaterThan(sent.sequence());
    }

    @Test
    void whatIsOnItsWayTakesRoomToo() {
        for (int i = 0; i < DenialOutbox.CAPACITY; i++) {
            outbox.add(denial("id" + i));
        }
        outbox.next();

        outbox.add(denial("one too many"));

        assertThat(outbox.dropped()).isEqualTo(1);
        assertThat(take().dropped()).as("said in the batch before it").isZero();
        assertThat(take().dropped()).isEqualTo(1);
    }

    @Test
    void dropsTheNewestWhenItIsFullAndSaysHowMany() {
        for (int i = 0; i < DenialOutbox.CAPACITY + 7; i++) {
            outbox.add(denial("id" + i));
        }

        assertThat(outbox.dropped()).isEqualTo(7);
        assertThat(take().dropped()).isEqualTo(7);
        assertThat(take().dropped()).isZero();
    }

    @Test
    void callsWhenSomethingWaitsWhereNothingDid() {
        AtomicInteger calls = new AtomicInteger();
        outbox.onFirst(calls::incrementAndGet);

        outbox.add(denial("a"));
        outbox.add(denial("b"));
        assertThat(calls).hasValue(1);

        outbox.next();
        outbox.add(denial("c"));
        assertThat(calls).hasValue(2);
    }

    private DenialOutbox.Batch take() {
        DenialOutbox.Batch batch = outbox.next().orElseThrow();
        outbox.received(batch.sequence());
        return batch;
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
