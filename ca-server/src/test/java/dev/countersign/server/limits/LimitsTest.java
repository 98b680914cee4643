package dev.countersign.server.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.limits.CallerCaps.Full;
import dev.countersign.server.limits.CallerCaps.Open;
import dev.countersign.server.limits.Verdict.Exceeded;
import dev.countersign.server.limits.Verdict.Limit;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class LimitsTest {
    private final NanoClock clock = new NanoClock();

    @Nested
    final class OfCallers {
        private final CallerCaps caps =
                new CallerCaps(
                        new CallerCaps.Settings(
                                Rate.of(1, 2),
                                Rate.of(1, 3),
                                Rate.of(1, 2),
                                Rate.of(1, 3),
                                2,
                                3,
                                100),
                        clock);

        @Test
        void aSourceHasItsOwnCapAndAllHaveOneTogether() throws UnknownHostException {
            InetAddress one = InetAddress.getByName("192.0.2.1");
            InetAddress two = InetAddress.getByName("192.0.2.2");

            assertThat(caps.handshake(one)).isEqualTo(Verdict.pass());
            assertThat(caps.handshake(one)).isEqualTo(Verdict.pass());
            assertThat(caps.handshake(one)).isEqualTo(second(Limit.CAP_SOURCE_HANDSHAKES));
            assertThat(caps.handshake(two)).isEqualTo(Verdict.pass());
            assertThat(caps.handshake(two)).isEqualTo(second(Limit.CAP_HANDSHAKES));
            assertThat(caps.tokenCheck(one)).as("counted apart").isEqualTo(Verdict.pass());
        }

        @Test
        void whoFloodsUsesUpOnlyItsOwnCap() throws UnknownHostException {
            InetAddress flood = InetAddress.getByName("192.0.2.1");
            for (int i = 0; i < 1_000; i++) {
                caps.tokenCheck(flood);
            }

            assertThat(caps.tokenCheck(InetAddress.getByName("192.0.2.2")).passes()).isTrue();
        }

        @Test
        void addressesOfOneIpv6NetworkAreOneSource() throws UnknownHostException {
            caps.handshake(InetAddress.getByName("2001:db8:1:2::1"));
            caps.handshake(InetAddress.getByName("2001:db8:1:2::2"));

            assertThat(caps.handshake(InetAddress.getByName("2001:db8:1:2:ffff::3")))
                    .isEqualTo(second(Limit.CAP_SOURCE_HANDSHAKES));
            assertThat(caps.handshake(InetAddress.getByName("2001:db8:1:3::1")).passes()).isTrue();
        }

        @Test
        void connectionsAreCountedUntilTheyAreClosed() throws UnknownHostException {
            InetAddress one = InetAddress.getByName("192.0.2.1");
            InetAddress two = InetAddress.getByName("192.0.2.2");
            Open first = (Open) caps.connect(one);
            caps.connect(one);

            assertThat(caps.connect(one)).isEqualTo(new Full(Limit.CAP_SOURCE_CONNECTIONS));
            caps.connect(two);
            assertThat(caps.connect(two)).isEqualTo(new Full(Limit.CAP_CONNECTIONS));
            first.close();
            first.close();
            assertThat(caps.connections()).isEqualTo(2);
            assertThat(caps.connect(one)).isInstanceOf(Open.class);
        }
    }

    @Nested
    final class OfIdentities {
        private final ServiceAccountName web = new ServiceAccountName("shop", "web");
        private final ServiceAccountName orders = new ServiceAccountName("shop", "orders");
        private final IssuanceBudgets budgets =
                new IssuanceBudgets(
                        new IssuanceBudgets.Settings(Rate.of(1, 2), Rate.of(1, 3), 100, 100),
                        clock);

        @Test
        void anIdentityAndItsNamespaceAreCharged() {
            assertThat(budgets.charge(web).passes()).isTrue();
            assertThat(budgets.charge(web).passes()).isTrue();
            assertThat(budgets.charge(web)).isEqualTo(second(Limit.BUDGET_IDENTITY));
            assertThat(budgets.charge(orders).passes()).isTrue();
            assertThat(budgets.charge(orders)).isEqualTo(second(Limit.BUDGET_NAMESPACE));
            assertThat(budgets.charge(new ServiceAccountName("batch", "web")).passes()).isTrue();
        }

        @Test
        void whatTheNamespaceRefusesIsNotChargedToTheIdentity() {
            IssuanceBudgets slow =
                    new IssuanceBudgets(
                            new IssuanceBudgets.Settings(Rate.of(0.01, 1), Rate.of(1, 1), 100, 100),
                            clock);
            slow.charge(web);

            assertThat(slow.charge(orders)).isEqualTo(second(Limit.BUDGET_NAMESPACE));
            clock.advance(Duration.ofSeconds(1));
            assertThat(slow.charge(orders)).isEqualTo(Verdict.pass());
        }
    }

    private static Verdict second(Limit limit) {
        return new Exceeded(limit, Duration.ofSeconds(1));
    }
}
