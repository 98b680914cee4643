package dev.countersign.server.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.testing.MutableClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RefusalCounterTest {
    private static final Instant NOW = MutableClock.START;

    private final List<AuditEvent> written = new ArrayList<>();
    private final RefusalCounter counter = new RefusalCounter(written::add);

    @Test
    void aFloodIsOneEntryPerReasonAndMinute() throws UnknownHostException {
        for (int i = 0; i < 10_000; i++) {
            refuse("TOKEN_EXPIRED", "192.0.2." + (i % 200), NOW.plusMillis(i));
        }
        refuse("TOKEN_ALGORITHM", "192.0.2.9", NOW.plusSeconds(30));
        assertThat(written).isEmpty();

        counter.flush(NOW.plusSeconds(60));
        counter.flush(NOW.plusSeconds(61));

        assertThat(written).hasSize(1);
        AuditEvent entry = written.getFirst();
        assertThat(entry.type()).isEqualTo(AuditEvent.Type.UNATTESTED_REFUSED);
        assertThat(entry.facts())
                .containsEntry("reason", "TOKEN_EXPIRED")
                .containsEntry("count", "10000")
                .containsEntry("from", NOW.toString())
                .containsEntry("example", "exp: too old");
        assertThat(entry.facts().get("sources")).hasSizeLessThan(100).contains("192.0.2.4");
        assertThat(counter.totals()).containsEntry("TOKEN_EXPIRED", 10_000L);
    }

    @Test
    void theNextRefusalAlsoEndsAMinute() throws UnknownHostException {
        refuse("TOKEN_EXPIRED", "192.0.2.1", NOW);
        refuse("TOKEN_EXPIRED", "192.0.2.1", NOW.plusSeconds(60));

        assertThat(written).hasSize(1);
        counter.close(NOW.plusSeconds(60));
        assertThat(written).hasSize(2);
    }

    @Test
    void reasonsBeyondTheBoundAreCountedTogether() throws UnknownHostException {
        for (int i = 0; i < 1_000; i++) {
            refuse("REASON_" + i, "192.0.2.1", NOW);
        }
        counter.close(NOW);

        assertThat(written).hasSize(65);
        assertThat(counter.totals()).containsEntry("OTHER", 936L);
    }

    private void refuse(String reason, String source, Instant at) throws UnknownHostException {
        counter.refused(reason, "exp: too old", InetAddress.getByName(source), at);
    }
}
