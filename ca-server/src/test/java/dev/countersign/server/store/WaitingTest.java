package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.server.audit.AuditTrail.KeyRule;
import dev.countersign.server.audit.AuditUnavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that wait for a commit, and a commit that waits for callers. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class WaitingTest {
    private final Intents intents = new Intents(new SplittableRandom(3));

    @Test
    void aCallerGivesUpWhenItsCommitDoesNotCome() throws Exception {
        try (Deadlines deadlines = new Deadlines(Duration.ofMillis(20))) {
            Ticket ticket = ticket();
            deadlines.add(ticket);

            assertThatThrownBy(ticket::await)
                    .isInstanceOf(AuditUnavailable.class)
                    .hasMessageContaining("no commit");
            assertThat(ticket.take()).as("the writer may not have it any more").isFalse();
        }
    }

    @Test
    void aCallerThatComesAfterTheCloseDoesNotWait() throws Exception {
        Deadlines deadlines = new Deadlines(Duration.ofHours(1));
        Ticket before = ticket();
        deadlines.add(before);
        deadlines.close();
        Ticket after = ticket();
        deadlines.add(after);

        assertThatThrownBy(before::await).isInstanceOf(AuditUnavailable.class);
        assertThatThrownBy(after::await).isInstanceOf(AuditUnavailable.class);
    }

    @Test
    void aCommitWaitsForACallerThatIsOnItsWay() throws Exception {
        WriterQueue queue = new WriterQueue(8, 8);
        AtomicBoolean came = new AtomicBoolean();
        queue.callers(() -> {
            if (came.compareAndSet(false, true)) {
                submit(queue);
            }
            return 2;
        });
        submit(queue);

        List<Ticket> batch = new ArrayList<>();
        queue.gather(batch, new ArrayList<>(), 0);

        assertThat(batch).hasSize(2);
    }

    @Test
    void aCommitDoesNotWaitForEverForACallerThatNeverComes() throws Exception {
        WriterQueue queue = new WriterQueue(8, 8);
        queue.callers(() -> 2);
        submit(queue);

        List<Ticket> batch = new ArrayList<>();
        queue.gather(batch, new ArrayList<>(), 0);

        assertThat(batch).hasSize(1);
    }

    @Test
    void whoeverComesRightAfterACommitSharesTheNext() throws Exception {
        AtomicLong now = new AtomicLong();
        AtomicReference<Runnable> later = new AtomicReference<>(() -> {});
        WriterQueue queue =
                new WriterQueue(
                        8,
                        8,
                        () -> {
                            later.getAndSet(() -> {}).run();
                            return now.addAndGet(1_000_000);
                        });
        submit(queue);
        queue.gather(new ArrayList<>(), new ArrayList<>(), 0);

        submit(queue);
        later.set(() -> submit(queue));
        List<Ticket> batch = new ArrayList<>();
        queue.gather(batch, new ArrayList<>(), 0);

        assertThat(batch).hasSize(2);
    }

    @Test
    void whoeverComesToAWriterAtRestWaitsForNobody() throws Exception {
        AtomicLong looks = new AtomicLong();
        WriterQueue queue = new WriterQueue(8, 8, () -> looks.incrementAndGet() * 1_000_000_000);
        submit(queue);
        queue.gather(new ArrayList<>(), new ArrayList<>(), 0);
        submit(queue);
        long before = looks.get();
        queue.gather(new ArrayList<>(), new ArrayList<>(), 0);

        assertThat(looks.get() - before).isLessThanOrEqualTo(4);
    }

    private void submit(WriterQueue queue) {
        try {
            queue.submit(ticket());
        } catch (AuditUnavailable full) {
            throw new IllegalStateException(full);
        }
    }

    private Ticket ticket() {
        return Ticket.awaited(NewEntry.Intent.of(intents.next(), KeyRule.OWN));
    }
}
