package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A start that takes longer than the lease on the journal. */
final class FreshLeaseTest {
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger tried = new AtomicInteger();

    @Test
    void isTriedAgainAfterTheJournalWasReadOnceMore() {
        String made = FreshLease.get(confirmed::incrementAndGet, () -> late(2));

        assertThat(made).isEqualTo("made");
        assertThat(confirmed).hasValue(3);
    }

    @Test
    void isGivenUpAfterAWhile() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> FreshLease.get(confirmed::incrementAndGet, () -> late(100)));
        assertThat(tried).hasValue(5);
    }

    @Test
    void anythingElseEndsTheStartAtOnce() {
        assertThatExceptionOfType(AuthorityRefused.class)
                .isThrownBy(() ->
                        FreshLease.get(
                                confirmed::incrementAndGet,
                                () -> {
                                    tried.incrementAndGet();
                                    throw new AuthorityRefused(Reason.ROOT_EXPIRED, "ended");
                                }));
        assertThat(tried).hasValue(1);
    }

    private String late(int times) {
        if (tried.incrementAndGet() <= times) {
            throw new IllegalStateException(new AuthorityRefused(Reason.PHASE_STALE, "late"));
        }
        return "made";
    }
}
