package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.subscription.SubscriptionStatus;
import dev.countersign.agent.svid.SvidStatus;
import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.Health;
import dev.countersign.runtime.Health.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentHealthTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private final Health health = new Health();
    private final ClockOffset offset = new ClockOffset();
    private SvidStatus svid = new SvidStatus(Optional.of(held()), Optional.empty(), 0, 1);
    private SubscriptionStatus subscription = subscribed(true, Optional.empty());
    private boolean policies = true;
    private boolean bundleExpired;
    private final AgentHealth agent =
            new AgentHealth(
                    health,
                    () -> svid,
                    () -> subscription,
                    () -> policies,
                    () -> bundleExpired,
                    offset);

    @Test
    void isReadyWithACertificatePoliciesAndAGoodClock() {
        agent.update(START);

        assertThat(health.ready()).isTrue();
        assertThat(health.states().values()).hasOnlyElementsOfType(State.Up.class);
    }

    @Test
    void isNotReadyBeforeTheFirstCertificateAndSaysWhatItWaitsFor() {
        svid = new SvidStatus(Optional.empty(), Optional.of("the CA at x:1: refused"), 3, 0);

        agent.update(START);

        assertThat(health.ready()).isFalse();
        assertThat(down(AgentHealth.CERTIFICATE)).contains("none yet", "the CA at x:1: refused");
    }

    @Test
    void warnsOnceTheRenewalIsLate() {
        agent.update(START.plusSeconds(48 * 60));
        assertThat(state(AgentHealth.CERTIFICATE)).isInstanceOf(State.Up.class);

        agent.update(START.plusSeconds(48 * 60 + 1));

        assertThat(health.ready()).isTrue();
        assertThat(((State.Degraded) state(AgentHealth.CERTIFICATE)).reason())
                .contains("late", "719s");
    }

    @Test
    void isNotReadyWhileThereIsStillTimeToSendTrafficElsewhere() {
        agent.update(START.plusSeconds(55 * 60));
        assertThat(health.ready()).isTrue();

        agent.update(START.plusSeconds(55 * 60 + 1));

        assertThat(health.ready()).isFalse();
        assertThat(down(AgentHealth.CERTIFICATE)).contains("ends in 299s");
    }

    @Test
    void theBudgetOfAShortLifeIsATenthOfIt() {
        SvidStatus.Held shortLived =
                new SvidStatus.Held(
                        held().id(),
                        "1",
                        START,
                        START.plusSeconds(15),
                        START.plusSeconds(9),
                        START.plusSeconds(12));

        assertThat(AgentHealth.budget(shortLived)).isEqualTo(Duration.ofMillis(1500));
        assertThat(AgentHealth.budget(held())).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void withoutPoliciesItIsNotReadyAndWithoutAStreamItWarns() {
        policies = false;
        subscription = subscribed(false, Optional.of("refused"));
        agent.update(START);
        assertThat(down(AgentHealth.POLICIES)).contains("everything is denied", "refused");

        policies = true;
        agent.update(START);
        assertThat(health.ready()).isTrue();
        assertThat(((State.Degraded) state(AgentHealth.POLICIES)).reason())
                .contains("revision 7", "no subscription", "refused");
    }

    @Test
    void aBundlePastItsEndWarnsAndDeniesNothing() {
        bundleExpired = true;

        agent.update(START);

        assertThat(health.ready()).isTrue();
        assertThat(state(AgentHealth.BUNDLE)).isInstanceOf(State.Degraded.class);
    }

    @Test
    void isNotReadyWithAClockThatIsFarOff() {
        offset.measured(START, START.plusSeconds(300), START);

        agent.update(START);

        assertThat(health.ready()).isFalse();
        assertThat(down(AgentHealth.CLOCK)).contains("4m");
    }

    private static SvidStatus.Held held() {
        return new SvidStatus.Held(
                SpiffeId.parse("spiffe://example.org/ns/shop/sa/web"),
                "1",
                START,
                START.plusSeconds(3600),
                START.plusSeconds(40 * 60),
                START.plusSeconds(48 * 60));
    }

    private static SubscriptionStatus subscribed(boolean connected, Optional<String> problem) {
        return new SubscriptionStatus(connected, 7, 1, Optional.empty(), problem, 1);
    }

    private State state(String part) {
        State state = health.states().get(part);
        assertThat(state).as(part).isNotNull();
        return state;
    }

    private String down(String part) {
        assertThat(state(part)).isInstanceOf(State.Down.class);
        return ((State.Down) state(part)).reason();
    }
}
