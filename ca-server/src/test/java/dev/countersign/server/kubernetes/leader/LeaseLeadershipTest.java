package dev.countersign.server.kubernetes.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.testing.KubeConnections;
import dev.countersign.server.testing.KubeProxy;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.testing.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas and a real Lease; each has a clock of its own that a test moves. */
final class LeaseLeadershipTest {
    private KubeServer kube;
    private KubernetesConnection connection;

    private final MutableClock clock = MutableClock.create();
    private final AtomicLong one = new AtomicLong(1_000);
    private final AtomicLong two = new AtomicLong(-5_000_000_000_000L);

    @BeforeEach
    void connect() throws Exception {
        kube = KubeServer.shared();
        connection = KubeConnections.admin(kube, kube.newNamespace("lease"));
    }

    @AfterEach
    void disconnect() {
        if (connection != null) {
            connection.close();
        }
    }

    @Test
    void oneOfTwoLeads() {
        LeaseLeadership first = replica("one", one);
        LeaseLeadership second = replica("two", two);

        first.maintain();
        second.maintain();

        assertThat(first.lead()).isTrue();
        assertThat(second.lead()).isFalse();
    }

    @Test
    void whoRenewsKeepsTheLead() {
        LeaseLeadership first = replica("one", one);
        LeaseLeadership second = replica("two", two);
        for (int i = 0; i < 8; i++) {
            first.maintain();
            second.maintain();
            assertThat(first.lead()).isTrue();
            assertThat(second.lead()).isFalse();
            pass(one, Duration.ofSeconds(5));
            pass(two, Duration.ofSeconds(5));
            clock.advance(Duration.ofSeconds(5));
        }
        assertThat(first.term()).isEqualTo(1);
    }

    @Test
    void aSilentLeaderHasStoppedBeforeAnotherBegins() {
        LeaseLeadership first = replica("one", one);
        LeaseLeadership second = replica("two", two);
        first.maintain();
        second.maintain();

        // Both clocks run alike, and the first does not renew.
        int waited = 0;
        while (!second.lead()) {
            pass(one, Duration.ofSeconds(2));
            pass(two, Duration.ofSeconds(2));
            waited += 2;
            second.maintain();
            assertThat(first.lead() && second.lead()).isFalse();
        }

        assertThat(waited).isBetween(15, 20);
        assertThat(first.lead()).isFalse();
        assertThat(second.term()).isEqualTo(2);
    }

    @Test
    void whoWakesUpLateDoesNotLead() {
        LeaseLeadership first = replica("one", one);
        LeaseLeadership second = replica("two", two);
        first.maintain();
        second.maintain();
        pass(two, Duration.ofSeconds(20));
        second.maintain();

        pass(one, Duration.ofMinutes(5));
        assertThat(first.lead()).isFalse();
        first.maintain();

        assertThat(first.lead()).isFalse();
        assertThat(second.lead()).isTrue();
    }

    @Test
    void whoStopsHandsOver() {
        LeaseLeadership first = replica("one", one);
        LeaseLeadership second = replica("two", two);
        first.maintain();

        first.close();
        second.maintain();

        assertThat(first.lead()).isFalse();
        assertThat(second.lead()).isTrue();
    }

    @Test
    void withoutTheApiServerTheLeadRunsOut(@TempDir Path folder) throws Exception {
        try (KubeProxy proxy = new KubeProxy(kube);
                KubernetesConnection through =
                        KubeConnections.with(
                                folder,
                                kube,
                                proxy.url(),
                                kube.adminToken(),
                                connection.namespace())) {
            LeaseLeadership first =
                    new LeaseLeadership(through, "test", "one", MutableClock.create(), one::get);
            first.maintain();
            proxy.cut();

            pass(one, Duration.ofSeconds(5));
            first.maintain();
            assertThat(first.lead()).isTrue();
            pass(one, Duration.ofSeconds(5));
            assertThat(first.lead()).isFalse();

            proxy.heal();
            first.maintain();
            assertThat(first.lead()).isTrue();
            assertThat(first.term()).isEqualTo(1);
        }
    }

    private LeaseLeadership replica(String name, AtomicLong nanos) {
        return new LeaseLeadership(connection, "test", name, clock, nanos::get);
    }

    private static void pass(AtomicLong nanos, Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
