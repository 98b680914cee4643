package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.Cases;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WellKnownIdsTest {
    private static final TrustDomain TD = new TrustDomain("td");

    static Stream<Long> seeds() {
        return Cases.seeds(200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noServiceAccountCanObtainOne(long seed) {
        Cases cases = new Cases(seed);
        SpiffeId workload = SpiffeId.of(TD, new ServiceAccountName(cases.label(), cases.label()));

        assertThat(workload).isNotEqualTo(WellKnownIds.caServer(TD));
        assertThat(WellKnownIds.operatorName(workload)).isEmpty();
        assertThat(workload.path()).doesNotStartWith("/countersign/");
    }

    @Test
    void theServersIdStandsForNoServiceAccount() {
        assertThat(WellKnownIds.caServer(TD)).hasToString("spiffe://td/countersign/ca-server");
        assertThat(WellKnownIds.caServer(TD).serviceAccount()).isEmpty();
    }

    @Test
    void anOperatorsNameLeadsToTheIdAndBack() {
        SpiffeId alice = WellKnownIds.operator(TD, "alice");

        assertThat(alice).hasToString("spiffe://td/countersign/operator/alice");
        assertThat(WellKnownIds.operatorName(alice)).contains("alice");
    }

    @Test
    void onlyOneSegmentAfterOperatorIsAName() {
        assertThat(WellKnownIds.operatorName(new SpiffeId(TD, "/countersign/operator"))).isEmpty();
        assertThat(WellKnownIds.operatorName(new SpiffeId(TD, "/countersign/operator/a/b")))
                .isEmpty();
        assertThat(WellKnownIds.operatorName(new SpiffeId(TD, "/x/countersign/operator/a")))
                .isEmpty();
        assertThatThrownBy(() -> WellKnownIds.operator(TD, ""))
                .isInstanceOf(MalformedIdentity.class);
    }
}
