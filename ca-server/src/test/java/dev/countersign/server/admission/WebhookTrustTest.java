package dev.countersign.server.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testing.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WebhookTrustTest {
    private final MutableClock clock = new MutableClock(Instant.EPOCH);
    private final List<String> events = new ArrayList<>();
    private List<String> bundle = List.of("A");
    private boolean reachable = true;
    private final WebhookTrust trust =
            new WebhookTrust(
                    new TrustedRoots() {
                        @Override
                        public boolean publish(String pem) {
                            events.add("believe " + pem);
                            return reachable;
                        }

                        @Override
                        public String problem() {
                            return "";
                        }
                    },
                    () -> bundle,
                    () -> events.add("renew"),
                    clock);

    @Test
    void anotherRootIsBelievedBeforeItsCertificateIsShown() {
        bundle = List.of("A", "B");

        trust.maintain();

        assertThat(events).containsExactly("believe AB", "renew");
    }

    @Test
    void theCertificateStaysWhileTheApiServerCannotBeTold() {
        trust.maintain();
        reachable = false;
        bundle = List.of("A", "B");

        trust.maintain();

        assertThat(events).containsExactly("believe A", "renew", "believe AB");
    }

    @Test
    void untilTheApiServerWasEverToldTheCertificateIsRenewedNevertheless() {
        reachable = false;

        trust.maintain();

        assertThat(events).containsExactly("believe A", "renew");
    }

    @Test
    void aRootThatIsTakenOutAtOnceIsBelievedUntilAllReplicasShowAnother() {
        trust.maintain();
        bundle = List.of("B");

        trust.maintain();
        clock.advance(WebhookTrust.LEAVING.plus(Duration.ofSeconds(1)));
        trust.maintain();

        assertThat(events)
                .containsExactly("believe A", "renew", "believe BA", "renew", "believe B", "renew");
    }
}
