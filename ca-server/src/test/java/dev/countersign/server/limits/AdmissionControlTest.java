package dev.countersign.server.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.limits.AdmissionControl.Admission;
import dev.countersign.server.limits.AdmissionControl.Shed;
import dev.countersign.server.limits.AdmissionControl.Ticket;
import dev.countersign.testing.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AdmissionControlTest {
    private final AdmissionControl control = new AdmissionControl(10, new Random(1));

    @Test
    void thoseWhoCanWaitFindTheDoorShutFirst() {
        assertThat(enterAll(Priority.ROUTINE)).isEqualTo(7);
        assertThat(enterAll(Priority.EXPIRING)).isEqualTo(2);
        assertThat(enterAll(Priority.FIRST)).isEqualTo(1);
        assertThat(control.enter(Priority.FIRST)).isInstanceOf(Shed.class);
        assertThat(control.shed(Priority.FIRST)).isEqualTo(2);
        assertThat(control.shed(Priority.ROUTINE)).isEqualTo(1);
    }

    @Test
    void aClosedTicketMakesRoomOnce() {
        Ticket ticket = (Ticket) control.enter(Priority.FIRST);
        enterAll(Priority.FIRST);

        ticket.close();
        ticket.close();

        assertThat(control.inFlight()).isEqualTo(9);
        assertThat(enterAll(Priority.FIRST)).isEqualTo(1);
    }

    @Test
    void thoseWhoWereShedAreSpreadOut() {
        enterAll(Priority.FIRST);
        Set<Duration> urgent = new HashSet<>();
        Set<Duration> routine = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            urgent.add(((Shed) control.enter(Priority.FIRST)).retryAfter());
            routine.add(((Shed) control.enter(Priority.ROUTINE)).retryAfter());
        }

        assertThat(urgent)
                .hasSizeGreaterThan(30)
                .allMatch(wait -> wait.toMillis() >= 1_000 && wait.toMillis() < 2_000);
        assertThat(routine)
                .hasSizeGreaterThan(30)
                .allMatch(wait -> wait.toMillis() >= 10_000 && wait.toMillis() < 20_000);
    }

    @Test
    void aSinglePlaceIsOpenToAll() {
        AdmissionControl narrow = new AdmissionControl(1, new Random(1));

        assertThat(narrow.enter(Priority.ROUTINE)).isInstanceOf(Ticket.class);
    }

    @Test
    void manyThreadsNeverHoldMoreThanThePlaces() throws Exception {
        AtomicInteger most = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < 16; i++) {
                threads.execute(() -> {
                    awaitQuietly(start);
                    for (int call = 0; call < 5_000; call++) {
                        if (control.enter(Priority.FIRST) instanceof Ticket ticket) {
                            try (ticket) {
                                most.accumulateAndGet(control.inFlight(), Math::max);
                            }
                        }
                    }
                });
            }
            start.countDown();
        }

        assertThat(most.get()).isBetween(1, 10);
        assertThat(control.inFlight()).isZero();
    }

    @Test
    void priorityFollowsWhatIsLeftOfTheCertificate() {
        Instant now = MutableClock.START;
        Duration life = Duration.ofHours(1);

        assertThat(Priority.of(Optional.empty(), now, life)).isEqualTo(Priority.FIRST);
        assertThat(Priority.of(Optional.of(now.plusSeconds(719)), now, life))
                .isEqualTo(Priority.EXPIRING);
        assertThat(Priority.of(Optional.of(now.plusSeconds(720)), now, life))
                .isEqualTo(Priority.ROUTINE);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int enterAll(Priority priority) {
        List<Admission> admitted = new ArrayList<>();
        while (control.enter(priority) instanceof Ticket ticket) {
            admitted.add(ticket);
        }
        return admitted.size();
    }
}
