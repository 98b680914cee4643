package dev.countersign.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Action;
import dev.countersign.testing.Cases;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SnapshotTest {
    static Stream<Long> seeds() {
        return Cases.seeds(200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aDeltaLeadsFromAnySnapshotToAnyLaterOne(long seed) {
        FeedCases cases = new FeedCases(seed);
        Snapshot before = cases.snapshot(1);
        Snapshot after = cases.snapshot(2);

        assertThat(before.apply(before.deltaTo(after))).isEqualTo(after);
    }

    @Test
    void aDeltaHoldsOnlyWhatChanged() {
        Snapshot before = FeedCases.small(1);

        Delta delta = before.deltaTo(FeedCases.small(2));

        assertThat(delta.upsertedPolicies()).isEmpty();
        assertThat(delta.removedPolicies()).isEmpty();
        assertThat(delta.bundle()).isEmpty();
        assertThat(delta.settings()).isEmpty();
        assertThat(delta.subscriber()).isEmpty();
    }

    @Test
    void theOrderInWhichThingsWereListedMakesNoDifference() {
        Snapshot one = withPolicies(1, "a", "b", "c");
        Snapshot two = withPolicies(1, "c", "a", "b");

        assertThat(one).isEqualTo(two);
    }

    @Test
    void onePolicyTwiceIsRefused() {
        assertThatThrownBy(() -> withPolicies(1, "a", "a"))
                .hasMessage("policies: countersign.dev/shop/a comes twice (expected: once)");
    }

    @Test
    void aDeltaOfAnotherBaseIsRefused() {
        Delta delta = FeedCases.small(2).deltaTo(FeedCases.small(3));

        assertThatThrownBy(() -> FeedCases.small(1).apply(delta))
                .hasMessage("base revision: 2 (expected: 1)");
    }

    @Test
    void aDeltaThatRemovesWhatIsNotHeldIsRefused() {
        Delta delta = withPolicies(1, "a").deltaTo(withPolicies(2));

        assertThatThrownBy(() -> withPolicies(1, "b").apply(delta))
                .hasMessageContaining("countersign.dev/shop/a");
    }

    @Test
    void aDeltaNeverLeadsBackOrToAnotherSubject() {
        Snapshot held = FeedCases.small(2);

        assertThatThrownBy(() -> held.deltaTo(FeedCases.small(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> held.deltaTo(FeedCases.small(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> held.deltaTo(ofSubject("/ns/shop/sa/other")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        held.apply(
                                ofSubject("/ns/shop/sa/other")
                                        .deltaTo(ofSubject("/ns/shop/sa/other", 9))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void boundsAreHeld() {
        assertThatThrownBy(() -> FeedCases.small(0)).hasMessageStartingWith("revision: 0");
        assertThatThrownBy(() -> new DenyEntry.Certificate("ab", "01"))
                .hasMessageContaining("leading zeros");
        assertThatThrownBy(() -> new DenyEntry.Certificate("AB", "1"))
                .hasMessageContaining("lower-case hex");
        assertThatThrownBy(() -> new DenyEntry.Issuer("")).hasMessageContaining("1 to 128");
        assertThatThrownBy(() -> new DenyEntry.Pod("")).hasMessageContaining("empty uid");
        assertThatThrownBy(() ->
                        new AgentSettings(
                                FeedCases.MESH,
                                OnPeerCertificateExpiry.KEEP,
                                Optional.of(Duration.ofMillis(1500))))
                .hasMessageContaining("whole seconds");
    }

    private static Snapshot ofSubject(String path) {
        return ofSubject(path, 3);
    }

    private static Snapshot ofSubject(String path, long revision) {
        Snapshot small = FeedCases.small(revision);
        return new Snapshot(
                small.trustDomain(),
                new SpiffeId(small.trustDomain(), path),
                revision,
                small.issuedAt(),
                small.policies(),
                small.bundle(),
                small.deny(),
                small.directory(),
                small.settings(),
                small.subscriber());
    }

    private static Snapshot withPolicies(long revision, String... names) {
        Snapshot small = FeedCases.small(revision);
        return new Snapshot(
                small.trustDomain(),
                small.subject(),
                revision,
                small.issuedAt(),
                Stream.of(names).map(name -> FeedCases.policy(name, Action.ALLOW)).toList(),
                small.bundle(),
                List.of(),
                List.of(),
                small.settings(),
                small.subscriber());
    }
}
